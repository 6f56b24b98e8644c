import type { IpFamily } from '../modem/packet-call.ts';
import { type ClientBook, createClientBook } from './client-book.ts';

/** How packets cross the bulk endpoints. */
export type LinkProtocol = 'ethernet' | 'raw-ip';

/** A data call of one IP family on the network interface, and who holds it. */
export interface DataCall {
  readonly contextId: number;
  readonly accessPoint: string;
  readonly handle: number;
  readonly client: number;
}

/** What a modem remembers of its QMI hosts until it restarts. */
export interface QmiSession {
  readonly clients: ClientBook;
  readonly calls: Map<IpFamily, DataCall>;
  /** IP family that a WDS client chose for what it asks. */
  readonly families: Map<number, IpFamily>;
  /** NAS clients that want to hear of the serving system. */
  readonly servingSystemListeners: Set<number>;
  linkProtocol: LinkProtocol;
  nextHandle: number;
}

/** Clients of a service at most (composed; libqmi itself could address 254). */
const clientLimit = 16;

export function createQmiSession(linkProtocol: LinkProtocol): QmiSession {
  return {
    clients: createClientBook(clientLimit),
    calls: new Map(),
    families: new Map(),
    servingSystemListeners: new Set(),
    linkProtocol,
    nextHandle: 0x4ae0_0010,
  };
}
