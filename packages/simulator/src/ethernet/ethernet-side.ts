import type { Cancel } from '@towline/kit';
import { byteAt, concatBytes, copyOf, sameBytes, uint16At } from '../ip/address.ts';
import { type Ipv4Packet, parseIpv4, protocols } from '../ip/ipv4.ts';
import { buildUdp, parseUdp } from '../ip/transport.ts';
import type { BehaviourSet } from '../modem/behaviour.ts';
import { answerArp } from './arp.ts';
import { type AttachedUplink, attachedUplink } from './attached-uplink.ts';
import { answerDhcp, type DhcpOffer } from './dhcp-server.ts';
import { broadcastMac, buildFrame, type EthernetFrame, etherTypes, parseFrame } from './frame.ts';
import { answerNeighbour } from './neighbour-discovery.ts';
import type { UplinkSource } from './uplink.ts';

export interface EthernetSideOptions {
  /** Six bytes: the modem's own end of the wire; another one than the host's interface has. */
  readonly mac: Uint8Array;
  readonly uplink: UplinkSource;
  readonly behaviours: Pick<BehaviourSet, 'find'>;
}

/** The modem's end of an Ethernet wire: ECM, RNDIS, NCM, or QMI in its 802.3 format. Frames without FCS. */
export interface EthernetSide {
  /** A frame from the host. */
  receive(frame: Uint8Array): void;
  /** Frames for the host. */
  onFrame(listen: (frame: Uint8Array) => void): Cancel;
  /** Lets go of the uplink. */
  close(): void;
}

const dhcpPorts = { server: 67, client: 68 } as const;
const everybody = Uint8Array.of(255, 255, 255, 255);

/** A client that has no address yet hears only what goes to everybody (RFC 2131 clause 4.1). */
function dhcpAnswer(packet: Ipv4Packet, offer: DhcpOffer): Uint8Array | null {
  const datagram = parseUdp(packet.payload, packet);
  const message = datagram && answerDhcp(datagram.data, offer);
  if (!datagram || !message) return null;
  const hasAddress = packet.source.some((byte) => byte !== 0);
  const ends = { source: offer.router, destination: hasAddress ? packet.source : everybody };
  return buildUdp(ends, { sourcePort: dhcpPorts.server, destinationPort: dhcpPorts.client, data: message });
}

function isDhcp(packet: Ipv4Packet): boolean {
  return packet.protocol === protocols.udp && packet.fragmentOffset === 0 && uint16At(packet.payload, 2) === dhcpPorts.server;
}

class Side implements EthernetSide {
  readonly #options: EthernetSideOptions;
  readonly #listeners = new Set<(frame: Uint8Array) => void>();
  readonly #unlistenSource: Cancel;
  #attached: AttachedUplink | null = null;
  #unlistenLink: Cancel | null = null;
  /** There is one host on the wire; its address is that of the last frame. */
  #hostMac: Uint8Array = broadcastMac;

  constructor(options: EthernetSideOptions) {
    this.#options = options;
    this.#unlistenSource = options.uplink.onChange(() => this.#attach());
    this.#attach();
  }

  receive(bytes: Uint8Array): void {
    const frame = parseFrame(bytes);
    if (!frame || !this.#attached) return;
    if ((byteAt(frame.source, 0) & 1) === 0) this.#hostMac = copyOf(frame.source);
    if (frame.type === etherTypes.arp) this.#arp(frame, this.#attached);
    if (frame.type === etherTypes.ipv4) this.#ipv4(frame.payload, this.#attached);
    if (frame.type === etherTypes.ipv6) this.#ipv6(frame.payload, this.#attached);
  }

  onFrame(listen: (frame: Uint8Array) => void): Cancel {
    this.#listeners.add(listen);
    return () => {
      this.#listeners.delete(listen);
    };
  }

  close(): void {
    this.#unlistenSource();
    this.#unlistenLink?.();
    this.#unlistenLink = null;
    this.#attached = null;
    this.#listeners.clear();
  }

  #attach(): void {
    const uplink = this.#options.uplink.current();
    if (uplink?.link === this.#attached?.uplink.link) return;
    this.#unlistenLink?.();
    this.#attached = uplink ? attachedUplink(uplink) : null;
    this.#unlistenLink = uplink?.link.onPacket((packet) => this.#inward(packet)) ?? null;
  }

  #arp(frame: EthernetFrame, { offer }: AttachedUplink): void {
    const reply = offer && answerArp(frame.payload, this.#options.mac, offer.address);
    if (reply) this.#emit(etherTypes.arp, reply);
  }

  #ipv4(bytes: Uint8Array, { uplink, offer, nat }: AttachedUplink): void {
    const packet = parseIpv4(bytes);
    if (!packet || !offer) return;
    if (isDhcp(packet)) {
      const answer = this.#options.behaviours.find('no-dhcp') ? null : dhcpAnswer(packet, offer);
      if (answer) this.#emit(etherTypes.ipv4, answer);
      return;
    }
    // Multicast, and broadcasts to the wire, end here.
    if (byteAt(packet.destination, 0) >= 224) return;
    if (!nat) return uplink.link.send(packet.bytes);
    const outward = nat.outward(packet.bytes);
    if (outward.kind === 'send') uplink.link.send(outward.packet);
    if (outward.kind === 'answer') this.#emit(etherTypes.ipv4, outward.packet);
  }

  #ipv6(packet: Uint8Array, { uplink, gateway6 }: AttachedUplink): void {
    if (!gateway6) return;
    const advertisement = answerNeighbour(packet, this.#options.mac, gateway6);
    if (advertisement) this.#emit(etherTypes.ipv6, advertisement);
    else uplink.link.send(packet);
  }

  #inward(packet: Uint8Array): void {
    if (byteAt(packet, 0) >> 4 === 6) return this.#emit(etherTypes.ipv6, packet);
    const translated = this.#attached?.nat ? this.#attached.nat.inward(packet) : packet;
    if (translated) this.#emit(etherTypes.ipv4, translated);
  }

  #emit(type: number, payload: Uint8Array): void {
    const frame = buildFrame({ destination: this.#destination(type, payload), source: this.#options.mac, type, payload });
    for (const listen of this.#listeners) listen(frame);
  }

  #destination(type: number, packet: Uint8Array): Uint8Array {
    if (type === etherTypes.ipv4 && sameBytes(packet.subarray(16, 20), everybody)) return broadcastMac;
    // RFC 2464 clause 7.
    if (type === etherTypes.ipv6 && byteAt(packet, 24) === 0xff) return concatBytes(Uint8Array.of(0x33, 0x33), packet.subarray(36, 40));
    return this.#hostMac;
  }
}

/** @see EthernetSide */
export function createEthernetSide(options: EthernetSideOptions): EthernetSide {
  return new Side(options);
}
