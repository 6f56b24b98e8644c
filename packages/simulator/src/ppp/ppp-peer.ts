import type { Cancel, Clock, Random } from '@towline/kit';
import { concatBytes, parseIpv4Address, parseIpv6Address, uint16Bytes } from '../ip/address.ts';
import type { IpLink } from '../link/ip-link.ts';
import type { BehaviourSet } from '../modem/behaviour.ts';
import type { BearerGrant } from '../network/operator-network.ts';
import { Authentication, type Credentials } from './authentication.ts';
import { buildControlPacket, type ControlPacket, codes } from './control-packet.ts';
import { ControlProtocol, type OptionPolicy } from './control-protocol.ts';
import { createDeframer, encodeFrame, escapeAll, type PppPacket } from './hdlc.ts';
import { LcpOptions } from './lcp-options.ts';
import { ipcpOptions, ipv6cpOptions } from './network-options.ts';

/** PPP's protocol numbers (IANA). */
export const pppProtocols = { ipv4: 0x0021, ipv6: 0x0057, ipcp: 0x8021, ipv6cp: 0x8057, lcp: 0xc021, pap: 0xc023, chap: 0xc223 } as const;

/** The network behind a call, as its PPP peer sees it. */
export interface CallNetwork {
  /** Largest packet, as far as it is known when the call begins. */
  readonly mtu: number;
  /** Whether the network takes these credentials; null: the host gave none. */
  admit(credentials: Credentials | null): boolean;
  /** What is up once the host was admitted; null: the bearer is gone. */
  bearer(): { readonly grant: BearerGrant; readonly link: IpLink } | null;
  /** The link ended: the modem hangs up. */
  hangUp(): void;
}

export interface PppPeerOptions {
  readonly clock: Pick<Clock, 'schedule' | 'monotonicMs'>;
  readonly random: Random;
  readonly behaviours: Pick<BehaviourSet, 'find'>;
  readonly network: CallNetwork;
  /** Bytes for the host. */
  send(bytes: Uint8Array): void;
}

/** The PPP peer that a modem is between CONNECT and NO CARRIER. */
export interface PppPeer {
  /** Bytes from the host, in any pieces. */
  receive(bytes: Uint8Array): void;
  /** The call is over: it says nothing any more and holds no timer. */
  close(): void;
}

class Peer implements PppPeer {
  readonly #options: PppPeerOptions;
  readonly #lcpOptions: LcpOptions;
  readonly #lcp: ControlProtocol;
  readonly #deframer = createDeframer((packet) => this.#receive(packet));
  readonly #networkProtocols = new Map<number, ControlProtocol>();
  #authentication: Authentication | null = null;
  #link: IpLink | null = null;
  #unlisten: Cancel | null = null;
  #terminates: Cancel | null = null;
  #networkSinceMs: number | null = null;
  #rejectId = 0;
  #closed = false;

  constructor(options: PppPeerOptions) {
    this.#options = options;
    const magic = Math.floor(options.random.next() * 0xffff_fffe) + 1;
    this.#lcpOptions = new LcpOptions({ magic, mtu: options.network.mtu });
    this.#lcp = new ControlProtocol({
      clock: options.clock,
      policy: this.#lcpOptions,
      send: (packet) => this.#send(pppProtocols.lcp, packet),
      up: () => this.#authenticate(),
      down: () => this.#leaveNetwork(),
      finished: () => this.#finished(),
      extra: (packet) => this.#lcpExtra(packet),
    });
    this.#lcp.open();
  }

  receive(bytes: Uint8Array): void {
    if (!this.#closed && !this.#isSilent()) this.#deframer.receive(bytes);
  }

  close(): void {
    this.#closed = true;
    this.#leaveNetwork();
    this.#lcp.drop();
  }

  #isSilent(): boolean {
    const { behaviours, clock } = this.#options;
    if (behaviours.find('lcp-silent')) return true;
    const hole = behaviours.find('lcp-black-hole');
    return hole !== undefined && this.#networkSinceMs !== null && clock.monotonicMs() >= this.#networkSinceMs + (hole.afterMs ?? 0);
  }

  #send(protocol: number, information: Uint8Array): void {
    if (this.#closed || this.#isSilent()) return;
    // RFC 1662 clause 7.1: LCP is sent as if nothing had been agreed upon.
    const map = protocol === pppProtocols.lcp ? escapeAll : this.#lcpOptions.hostCharacterMap;
    this.#options.send(encodeFrame({ protocol, information }, map));
  }

  #receive({ protocol, information }: PppPacket): void {
    if (this.#closed) return;
    if (protocol === pppProtocols.lcp) return this.#lcp.receive(information);
    // RFC 1661 clause 3.4: before LCP is opened everything else is dropped silently.
    if (!this.#lcp.isOpened) return;
    if (protocol === pppProtocols.pap || protocol === pppProtocols.chap) return this.#authentication?.receive(information);
    const control = this.#networkProtocols.get(protocol);
    if (control) return control.receive(information);
    const carrier = protocol === pppProtocols.ipv4 ? pppProtocols.ipcp : protocol === pppProtocols.ipv6 ? pppProtocols.ipv6cp : null;
    if (carrier !== null && this.#networkProtocols.has(carrier)) {
      if (this.#networkProtocols.get(carrier)?.isOpened) this.#link?.send(information);
      return;
    }
    if (this.#networkSinceMs !== null) this.#rejectProtocol(protocol, information);
  }

  #rejectProtocol(protocol: number, information: Uint8Array): void {
    this.#rejectId += 1;
    const data = concatBytes(uint16Bytes(protocol), information.subarray(0, 1_494));
    this.#send(pppProtocols.lcp, buildControlPacket({ code: codes.protocolReject, id: this.#rejectId, data }));
  }

  /** Codes that only LCP has (RFC 1661 clauses 5.7 to 5.9). */
  #lcpExtra({ code, id, data }: ControlPacket): boolean {
    if (code === codes.protocolReject) {
      this.#networkProtocols.get(((data[0] ?? 0) << 8) | (data[1] ?? 0))?.rejectedForGood();
      return true;
    }
    if (code === codes.echoRequest && this.#lcp.isOpened) {
      const reply = concatBytes(this.#lcpOptions.magic, data.subarray(4));
      this.#send(pppProtocols.lcp, buildControlPacket({ code: codes.echoReply, id, data: reply }));
    }
    return code === codes.echoRequest || code === codes.echoReply || code === codes.discardRequest;
  }

  #authenticate(): void {
    const { auth } = this.#lcpOptions;
    const { clock, network, random } = this.#options;
    if (!auth) return network.admit(null) ? this.#enterNetwork() : this.#lcp.close();
    const protocol = auth === 'pap' ? pppProtocols.pap : pppProtocols.chap;
    this.#authentication = new Authentication({
      clock,
      method: auth,
      challenge: Uint8Array.from({ length: 16 }, () => Math.floor(random.next() * 256)),
      send: (packet) => this.#send(protocol, packet),
      judge: (credentials) => network.admit(credentials),
      ended: (accepted) => (accepted ? this.#enterNetwork() : this.#lcp.close()),
    });
    this.#authentication.start();
  }

  #enterNetwork(): void {
    const { network, behaviours, clock } = this.#options;
    const bearer = network.bearer();
    if (!bearer) return this.#lcp.close();
    this.#networkSinceMs = clock.monotonicMs();
    this.#link = bearer.link;
    this.#unlisten = bearer.link.onPacket((packet) => this.#fromNetwork(packet));
    for (const [protocol, policy] of this.#policiesFor(bearer.grant)) this.#openProtocol(protocol, policy);
    const terminates = behaviours.find('lcp-terminates');
    if (terminates) this.#terminates = clock.schedule(terminates.afterMs, () => this.#lcp.close());
  }

  #policiesFor({ addresses, gateway, dns, ipv6 }: BearerGrant): readonly (readonly [number, OptionPolicy])[] {
    const ipv4 = addresses.map(parseIpv4Address).find((address) => address !== null);
    const own = parseIpv4Address(gateway);
    const identifier = addresses
      .map(parseIpv6Address)
      .find((address) => address !== null)
      ?.subarray(8);
    const router = parseIpv6Address(ipv6?.gateway ?? '')?.subarray(8);
    const resolvers = dns.flatMap((text) => parseIpv4Address(text) ?? []);
    return [
      ...(ipv4 && own ? [[pppProtocols.ipcp, ipcpOptions({ host: ipv4, gateway: own, dns: resolvers })] as const] : []),
      ...(identifier && router
        ? [[pppProtocols.ipv6cp, ipv6cpOptions({ host: distinct(identifier, router), gateway: router })] as const]
        : []),
    ];
  }

  #openProtocol(protocol: number, policy: OptionPolicy): void {
    const nothing = (): void => undefined;
    const send = (packet: Uint8Array): void => this.#send(protocol, packet);
    const control = new ControlProtocol({ clock: this.#options.clock, policy, send, up: nothing, down: nothing, finished: nothing });
    this.#networkProtocols.set(protocol, control);
    control.open();
  }

  #fromNetwork(packet: Uint8Array): void {
    const isIpv6 = (packet[0] ?? 0) >> 4 === 6;
    const control = this.#networkProtocols.get(isIpv6 ? pppProtocols.ipv6cp : pppProtocols.ipcp);
    if (control?.isOpened) this.#send(isIpv6 ? pppProtocols.ipv6 : pppProtocols.ipv4, packet);
  }

  #leaveNetwork(): void {
    this.#authentication?.stop();
    this.#authentication = null;
    this.#terminates?.();
    this.#unlisten?.();
    this.#unlisten = null;
    this.#link = null;
    this.#networkSinceMs = null;
    for (const control of this.#networkProtocols.values()) control.drop();
    this.#networkProtocols.clear();
  }

  /** A host that never answered keeps its call, as nobody ended it; one that was here and went has hung up. */
  #finished(): void {
    if (this.#lcp.wasUsed) this.#options.network.hangUp();
  }
}

/** An interface identifier that is not the router's. */
function distinct(identifier: Uint8Array, router: Uint8Array): Uint8Array {
  if (identifier.some((byte, index) => byte !== router[index])) return identifier;
  return identifier.map((byte, index) => (index === 7 ? byte + 1 : byte));
}

/** @see PppPeer */
export function createPppPeer(options: PppPeerOptions): PppPeer {
  return new Peer(options);
}
