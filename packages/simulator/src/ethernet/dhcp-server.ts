import { concatBytes, sameBytes, uint16Bytes } from '../ip/address.ts';
import { buildDhcpReply, type DhcpRequest, dhcpOptions, dhcpTypes, parseDhcpRequest, seconds } from './dhcp-message.ts';

/** The one address that there is to give, in bytes. */
export interface DhcpOffer {
  readonly address: Uint8Array;
  readonly mask: Uint8Array;
  readonly router: Uint8Array;
  readonly dns: readonly Uint8Array[];
  readonly mtu: number;
}

const leaseSeconds = 7_200;
const nobody = new Uint8Array(4);

function given(offer: DhcpOffer): readonly (readonly [number, Uint8Array])[] {
  return [
    [dhcpOptions.mask, offer.mask],
    [dhcpOptions.router, offer.router],
    [dhcpOptions.dns, concatBytes(...offer.dns)],
    [dhcpOptions.mtu, uint16Bytes(offer.mtu)],
  ];
}

function granted(request: DhcpRequest, offer: DhcpOffer, type: number): Uint8Array {
  const times = [
    [dhcpOptions.lease, seconds(leaseSeconds)],
    [dhcpOptions.renewal, seconds(leaseSeconds / 2)],
    [dhcpOptions.rebinding, seconds((leaseSeconds * 7) / 8)],
  ] as const;
  return buildDhcpReply(request, { type, address: offer.address, server: offer.router, options: [...times, ...given(offer)] });
}

function answerRequest(request: DhcpRequest, offer: DhcpOffer): Uint8Array | null {
  const server = request.options.get(dhcpOptions.server);
  // RFC 2131 clause 4.3.2: another server was chosen.
  if (server && !sameBytes(server, offer.router)) return null;
  const wanted = request.options.get(dhcpOptions.requested) ?? request.clientAddress;
  if (sameBytes(wanted, offer.address)) return granted(request, offer, dhcpTypes.ack);
  return buildDhcpReply(request, { type: dhcpTypes.nak, address: nobody, server: offer.router, options: [] });
}

/**
 * A DHCP server (RFC 2131) that gives one address to whoever asks: there is one host on the wire. The answer to a
 * client's message, or null where none is due.
 */
export function answerDhcp(message: Uint8Array, offer: DhcpOffer): Uint8Array | null {
  const request = parseDhcpRequest(message);
  if (!request) return null;
  if (request.type === dhcpTypes.discover) return granted(request, offer, dhcpTypes.offer);
  if (request.type === dhcpTypes.request) return answerRequest(request, offer);
  if (request.type !== dhcpTypes.inform) return null;
  return buildDhcpReply(request, { type: dhcpTypes.ack, address: nobody, server: offer.router, options: given(offer) });
}
