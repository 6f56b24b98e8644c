import type { Cancel } from '@towline/kit';

/** The packet side of one active bearer: whole IPv4 or IPv6 packets, without framing of any kind. */
export interface IpLink {
  /** One whole IPv4/IPv6 packet towards the operator's network; dropped when the bearer is down. */
  send(packet: Uint8Array): void;
  /** Packets towards the host. */
  onPacket(listen: (packet: Uint8Array) => void): Cancel;
}
