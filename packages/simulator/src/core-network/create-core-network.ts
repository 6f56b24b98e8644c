import type { Cancel, Clock, Random } from '@towline/kit';
import { formatAddress, parseIpv4Address, prefixKey } from '../ip/address.ts';
import { parseIpv4 } from '../ip/ipv4.ts';
import { parseIpv6 } from '../ip/ipv6.ts';
import { BearerAttachment, type CoreSide } from './bearer-attachment.ts';
import type { CoreBearer, CoreNetwork, Impairment } from './core-network.ts';
import { exitAddresses } from './exit-addresses.ts';
import { createFlowTable } from './flow-table.ts';

/** What lies beyond the core: a TUN, or another simulated network. */
export interface Exit {
  send(packet: Uint8Array): void;
  onPacket(listen: (packet: Uint8Array) => void): Cancel;
}

export interface CoreNetworkOptions {
  readonly exit: Exit;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly random: Random;
  /** What its resolvers know, name to addresses of either family. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
  /** IPv4 addresses that stand for bearers beyond the core, one each. RFC 2544's range is nobody's. */
  readonly exitAddresses?: { readonly first: string; readonly count: number };
  /** After so much silence an address translator forgets a conversation. */
  readonly flowIdleMs?: number;
}

const flowCapacity = 4_096;
const defaults = { exitAddresses: { first: '198.18.1.1', count: 250 }, flowIdleMs: 300_000 } as const;

function matches({ address }: Impairment, addresses: readonly string[]): boolean {
  return address === undefined || addresses.includes(address);
}

/** A table of names the other way round. */
function reversed(names: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> {
  const back = new Map<string, readonly string[]>();
  for (const [name, addresses] of names) for (const address of addresses) back.set(address, [...(back.get(address) ?? []), name]);
  return back;
}

class Core implements CoreNetwork {
  readonly #options: CoreNetworkOptions;
  readonly #attached = new Set<BearerAttachment>();
  readonly #byAddress = new Map<string, BearerAttachment>();
  readonly #byPrefix = new Map<string, BearerAttachment>();
  readonly #impairments = new Set<Impairment>();
  readonly #names: ReadonlyMap<string, readonly string[]>;
  readonly #namesByAddress: ReadonlyMap<string, readonly string[]>;
  /** The one that was free for longest comes first, so that late packets of a bearer do not meet the next one. */
  readonly #free: string[];

  constructor(options: CoreNetworkOptions) {
    const { first, count } = options.exitAddresses ?? defaults.exitAddresses;
    this.#options = options;
    this.#names = new Map(Object.entries(options.names ?? {}).map(([name, addresses]) => [name.toLowerCase(), addresses]));
    this.#namesByAddress = reversed(this.#names);
    this.#free = [...exitAddresses(first, count)];
    options.exit.onPacket((packet) => this.#fromExit(packet));
  }

  attach(bearer: CoreBearer): BearerAttachment {
    const exitAddress = bearer.addresses.some((address) => !address.includes(':')) ? (this.#free.shift() ?? null) : null;
    const attachment: BearerAttachment = new BearerAttachment(
      bearer,
      this.#sideOf(exitAddress, () => this.#detach(attachment, exitAddress)),
    );
    this.#attached.add(attachment);
    if (exitAddress !== null) this.#byAddress.set(exitAddress, attachment);
    if (attachment.prefix !== null) this.#byPrefix.set(attachment.prefix, attachment);
    return attachment;
  }

  impair(impairment: Impairment): Cancel {
    const one = { ...impairment };
    this.#impairments.add(one);
    return () => {
      this.#impairments.delete(one);
    };
  }

  traffic() {
    return [...this.#attached].map((attachment) => attachment.traffic());
  }

  #sideOf(exitAddress: string | null, closed: () => void): CoreSide {
    const { clock, exit, flowIdleMs } = this.#options;
    const flows = { capacity: flowCapacity, idleMs: flowIdleMs ?? defaults.flowIdleMs, nowMs: () => clock.monotonicMs() };
    return {
      names: this.#names,
      namesOf: (address) => this.#namesByAddress.get(address) ?? [],
      flows: createFlowTable(flows),
      exitAddress: exitAddress === null ? null : parseIpv4Address(exitAddress),
      toExit: (packet) => exit.send(packet),
      trouble: (addresses, down) => this.#trouble(addresses, down),
      closed,
    };
  }

  #detach(attachment: BearerAttachment, exitAddress: string | null): void {
    this.#attached.delete(attachment);
    if (exitAddress !== null && this.#byAddress.delete(exitAddress)) this.#free.push(exitAddress);
    if (attachment.prefix !== null && this.#byPrefix.get(attachment.prefix) === attachment) this.#byPrefix.delete(attachment.prefix);
  }

  #trouble(addresses: readonly string[], down: Uint8Array | null): 'black-hole' | 'lost' | null {
    for (const impairment of this.#impairments) {
      if (!matches(impairment, addresses)) continue;
      if (impairment.kind === 'black-hole') return 'black-hole';
      if (impairment.kind === 'picks' ? down !== null && impairment.drops(down) : this.#options.random.next() < impairment.share)
        return 'lost';
    }
    return null;
  }

  #fromExit(bytes: Uint8Array): void {
    const ipv4 = parseIpv4(bytes);
    if (ipv4) return this.#byAddress.get(formatAddress(ipv4.destination))?.fromExit(ipv4);
    const ipv6 = parseIpv6(bytes);
    if (ipv6) this.#byPrefix.get(prefixKey(ipv6.destination))?.fromExit(ipv6);
  }
}

/**
 * A packet core: it answers for its gateway and its resolvers, translates IPv4 one address to one, so that two modems
 * may hold the same private address, forwards IPv6 as it is, and drops what an access point does not reach.
 * Nothing here holds a timer.
 */
export function createCoreNetwork(options: CoreNetworkOptions): CoreNetwork {
  return new Core(options);
}
