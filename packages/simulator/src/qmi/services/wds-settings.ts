import type { BearerGrant } from '../../network/operator-network.ts';
import { hasFamily, type IpFamily } from '../../modem/packet-call.ts';
import { failure, type QmiHandler, success } from '../qmi-call.ts';
import { qmiError } from '../qmi-error.ts';
import { type Tlv, tlv } from '../tlv.ts';
import { familyOf } from './wds-start.ts';

function ipv4Number(address: string): number {
  return address.split('.').reduce((value, octet) => value * 256 + Number(octet), 0);
}

/** Sixteen bytes of an IPv6 address in its text form. */
export function ipv6Bytes(address: string): Uint8Array {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return Uint8Array.from([...left, ...middle, ...right].flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]));
}

/** The longest prefix under which both addresses are hosts: the network that Qualcomm firmware makes up around a point-to-point address. */
export function inventedPrefixLength(address: string, gateway: string): number {
  const [own, other] = [ipv4Number(address), ipv4Number(gateway)];
  for (let prefixLength = 30; prefixLength > 8; prefixLength -= 1) {
    const size = 2 ** (32 - prefixLength);
    const isHost = (number: number): boolean => number % size !== 0 && number % size !== size - 1;
    if (Math.floor(own / size) === Math.floor(other / size) && isHost(own) && isHost(other)) return prefixLength;
  }
  return 8;
}

function ipv4Tlvs(grant: BearerGrant, address: string): readonly Tlv[] {
  const mask = 2 ** 32 - 2 ** (32 - inventedPrefixLength(address, grant.gateway));
  const fields: readonly (readonly [type: number, value: number | null])[] = [
    [0x1e, ipv4Number(address)],
    [0x20, ipv4Number(grant.gateway)],
    [0x21, mask],
    [0x15, grant.dns[0] === undefined ? null : ipv4Number(grant.dns[0])],
    [0x16, grant.dns[1] === undefined ? null : ipv4Number(grant.dns[1])],
  ];
  return fields.flatMap(([type, value]) => (value === null ? [] : [tlv(type, (writer) => writer.u32(value))]));
}

function ipv6Tlvs({ ipv6 }: BearerGrant, address: string): readonly Tlv[] {
  const own = tlv(0x25, (writer) => writer.bytes(ipv6Bytes(address)).u8(64));
  if (!ipv6) return [own];
  const servers = ipv6.dns.slice(0, 2).map((server, index) => tlv(0x27 + index, (writer) => writer.bytes(ipv6Bytes(server))));
  return [own, tlv(0x26, (writer) => writer.bytes(ipv6Bytes(ipv6.gateway)).u8(64)), ...servers];
}

const pdpTypes: Readonly<Record<IpFamily, number>> = { ipv4: 0, ipv6: 2 };

/** Get Current Settings, for the family of the client. */
export const currentSettings: QmiHandler = (call) => {
  const family = familyOf(call);
  const held = call.session.calls.get(family);
  const bearer = held && call.modem.state.running.bearers.get(held.contextId);
  if (!held || !bearer) return failure(qmiError.outOfCall);
  const { grant } = bearer;
  const isBoth = hasFamily(grant.addresses, 'ipv4') && hasFamily(grant.addresses, 'ipv6');
  const address = grant.addresses.find((one) => one.includes(':') === (family === 'ipv6')) ?? '';
  return success(
    tlv(0x11, (writer) => writer.u8(isBoth ? 3 : pdpTypes[family])),
    tlv(0x14, (writer) => writer.text(held.accessPoint === '' ? grant.accessPoint : held.accessPoint)),
    tlv(0x29, (writer) => writer.u32(grant.mtu)),
    tlv(0x2b, (writer) => writer.u8(family === 'ipv4' ? 4 : 6)),
    ...(family === 'ipv4' ? ipv4Tlvs(grant, address) : ipv6Tlvs(grant, address)),
  );
};
