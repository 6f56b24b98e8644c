import type { Cancel } from '@towline/kit';
import type { IpLink } from '../link/ip-link.ts';

/** What the core needs to know of a bearer: what the network granted, and where its access point lets packets go. */
export interface CoreBearer {
  /** One IPv4 address, one IPv6 address of a /64 of its own, or both. */
  readonly addresses: readonly string[];
  readonly gateway: string;
  readonly dns: readonly string[];
  readonly ipv6: { readonly gateway: string; readonly dns: readonly string[] } | null;
  /** Largest packet, in bytes. */
  readonly mtu: number;
  /** Whether packets may go to a host, by its name or its address. */
  reaches(host: string): boolean;
}

/** Why the core dropped packets of a bearer. */
export type DropReason =
  | 'malformed'
  | 'wrong-source'
  | 'barred'
  | 'no-flow'
  | 'no-exit'
  | 'time-to-live'
  | 'black-hole'
  | 'lost'
  | 'too-big';

/** What went over one bearer. `up` is from the host to the network. */
export interface BearerTraffic {
  readonly addresses: readonly string[];
  /** The address that stands for the bearer's IPv4 address beyond the core. */
  readonly exitAddress: string | null;
  readonly up: { readonly packets: number; readonly bytes: number };
  readonly down: { readonly packets: number; readonly bytes: number };
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

/** A bearer's place in the core. After `close` nothing passes any more. */
export interface CoreAttachment extends IpLink {
  traffic(): BearerTraffic;
  close(): void;
}

/** A trouble of the transport network; `address` names the bearer that has it (any of its addresses), else all have. */
export type Impairment =
  | { readonly kind: 'black-hole'; readonly address?: string }
  /** `share` of the packets, 0 to 1, in each direction. */
  | { readonly kind: 'loss'; readonly share: number; readonly address?: string }
  /** Every packet towards the host that it picks, however often it is sent again. */
  | { readonly kind: 'picks'; readonly drops: (packet: Uint8Array) => boolean; readonly address?: string };

/** The packet core of a simulated operator: gateway, resolvers and the way out of every active bearer. */
export interface CoreNetwork {
  attach(bearer: CoreBearer): CoreAttachment;
  /** Begins a trouble; the returned call ends it. */
  impair(impairment: Impairment): Cancel;
  /** Of the bearers that are attached now. */
  traffic(): readonly BearerTraffic[];
}
