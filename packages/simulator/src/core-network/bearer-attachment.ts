import type { Cancel } from '@towline/kit';
import { byteAt, copyOf, formatAddress, parseAddress, prefixKey, sameBytes } from '../ip/address.ts';
import { hopped, type Ipv4Packet, parseIpv4, readdressed } from '../ip/ipv4.ts';
import { type Ipv6Packet, parseIpv6 } from '../ip/ipv6.ts';
import type { BearerTraffic, CoreAttachment, CoreBearer, DropReason } from './core-network.ts';
import type { DomainNames } from './domain-names.ts';
import type { FlowTable } from './flow-table.ts';
import { answerOwn, answerSolicitation, type OwnPacket } from './own-services.ts';
import { flowDown, flowUp, quotedPacket, towardsHost } from './translate.ts';

/** What the core gives to each of its bearers. */
export interface CoreSide {
  readonly names: DomainNames;
  /** Names that stand for an address, for access points that reach hosts by name. */
  namesOf(address: string): readonly string[];
  readonly flows: FlowTable;
  /** IPv4 beyond the core; null when there are no more. */
  readonly exitAddress: Uint8Array | null;
  toExit(packet: Uint8Array): void;
  /** The trouble that a packet of this bearer meets now. @param down the packet, where it goes towards the host */
  trouble(addresses: readonly string[], down: Uint8Array | null): 'black-hole' | 'lost' | null;
  closed(): void;
}

/** One bearer in the core: what its host sends is answered, translated and handed on, or dropped and counted. */
export class BearerAttachment implements CoreAttachment {
  readonly #bearer: CoreBearer;
  readonly #core: CoreSide;
  readonly #listeners = new Set<(packet: Uint8Array) => void>();
  readonly #address: Uint8Array | null;
  readonly #prefix: Uint8Array | null;
  readonly #own: ReadonlySet<string>;
  readonly #resolvers: ReadonlySet<string>;
  readonly #up = { packets: 0, bytes: 0 };
  readonly #down = { packets: 0, bytes: 0 };
  readonly #dropped: Partial<Record<DropReason, number>> = {};
  #open = true;

  constructor(bearer: CoreBearer, core: CoreSide) {
    const addresses = bearer.addresses.map(parseAddress);
    this.#bearer = bearer;
    this.#core = core;
    this.#address = addresses.find((address) => address?.length === 4) ?? null;
    this.#prefix = addresses.find((address) => address?.length === 16) ?? null;
    const normal = (text: string): string => formatAddress(parseAddress(text) ?? new Uint8Array(4));
    this.#resolvers = new Set([...bearer.dns, ...(bearer.ipv6?.dns ?? [])].map(normal));
    this.#own = new Set([...this.#resolvers, normal(bearer.gateway), ...(bearer.ipv6 ? [normal(bearer.ipv6.gateway)] : [])]);
  }

  /** Key of the /64 for the way back; null without IPv6. */
  get prefix(): string | null {
    return this.#prefix ? prefixKey(this.#prefix) : null;
  }

  send(packet: Uint8Array): void {
    if (!this.#open) return;
    this.#up.packets += 1;
    this.#up.bytes += packet.length;
    const trouble = this.#core.trouble(this.#bearer.addresses, null);
    if (trouble) return this.#drop(trouble);
    if (packet.length > this.#bearer.mtu) return this.#drop('too-big');
    const ipv4 = parseIpv4(packet);
    if (ipv4) return this.#sendIpv4(ipv4);
    const ipv6 = parseIpv6(packet);
    if (ipv6) return this.#sendIpv6(ipv6);
    this.#drop('malformed');
  }

  onPacket(listen: (packet: Uint8Array) => void): Cancel {
    this.#listeners.add(listen);
    return () => {
      this.#listeners.delete(listen);
    };
  }

  /** A packet that came in from beyond the core for this bearer. */
  fromExit(packet: Ipv4Packet | Ipv6Packet): void {
    const trouble = this.#core.trouble(this.#bearer.addresses, packet.bytes);
    if (trouble) return this.#drop(trouble);
    if ('nextHeader' in packet) return this.#reaches(packet.source) ? this.#deliver(packet.bytes) : this.#drop('barred');
    if (!this.#address) return this.#drop('no-flow');
    const quoted = quotedPacket(packet);
    const known = quoted ? this.#core.flows.knows(flowUp(quoted)) : this.#core.flows.knows(flowDown(packet));
    if (known) this.#deliver(towardsHost(packet, this.#address));
    else this.#drop('no-flow');
  }

  traffic(): BearerTraffic {
    return {
      addresses: this.#bearer.addresses,
      exitAddress: this.#core.exitAddress ? formatAddress(this.#core.exitAddress) : null,
      up: { ...this.#up },
      down: { ...this.#down },
      dropped: { ...this.#dropped },
    };
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#listeners.clear();
    this.#core.closed();
  }

  #sendIpv4(packet: Ipv4Packet): void {
    if (!this.#address || !sameBytes(packet.source, this.#address)) return this.#drop('wrong-source');
    if (this.#answered({ ends: packet, protocol: packet.protocol, payload: packet.payload })) return;
    if (byteAt(packet.destination, 0) >= 224 || !this.#reaches(packet.destination)) return this.#drop('barred');
    const { exitAddress, flows } = this.#core;
    if (!exitAddress) return this.#drop('no-exit');
    const onward = hopped(packet);
    const parsed = onward && parseIpv4(onward);
    if (!parsed) return this.#drop('time-to-live');
    const translated = readdressed(parsed, 'source', exitAddress);
    flows.open(flowUp(packet));
    this.#core.toExit(translated);
  }

  #sendIpv6(packet: Ipv6Packet): void {
    const own = { ends: packet, protocol: packet.nextHeader, payload: packet.payload };
    if (!this.#prefix) return this.#drop('wrong-source');
    const advertised = answerSolicitation(own, { bearer: this.#bearer, prefix: this.#prefix, mtu: this.#bearer.mtu });
    if (advertised) return this.#deliver(advertised);
    // Neighbour discovery and multicast reports (fe80::, ::, ff02::) belong to the link and end here.
    const isLocal = byteAt(packet.source, 0) === 0xfe || byteAt(packet.destination, 0) === 0xff;
    if (!isLocal && prefixKey(packet.source) !== prefixKey(this.#prefix)) return this.#drop('wrong-source');
    if (this.#answered(own) || isLocal) return;
    if (!this.#reaches(packet.destination)) return this.#drop('barred');
    if (packet.hopLimit <= 1) return this.#drop('time-to-live');
    const onward = copyOf(packet.bytes);
    onward[7] = packet.hopLimit - 1;
    this.#core.toExit(onward);
  }

  #answered(packet: OwnPacket): boolean {
    const destination = formatAddress(packet.ends.destination);
    if (!this.#own.has(destination)) return false;
    const answer = answerOwn(packet, this.#resolvers.has(destination), this.#core.names);
    if (answer) this.#deliver(answer);
    else this.#drop('barred');
    return true;
  }

  #reaches(address: Uint8Array): boolean {
    const text = formatAddress(address);
    return this.#bearer.reaches(text) || this.#core.namesOf(text).some((name) => this.#bearer.reaches(name));
  }

  #deliver(packet: Uint8Array): void {
    if (!this.#open) return;
    this.#down.packets += 1;
    this.#down.bytes += packet.length;
    for (const listen of this.#listeners) listen(packet);
  }

  #drop(reason: DropReason): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
  }
}
