import { parseIpv4Address, parseIpv6Address } from '../../ip/address.ts';
import { sharedPrefixLength, subnetMask } from '../../ip/subnet.ts';
import { hasFamily, type IpFamily } from '../../modem/packet-call.ts';
import type { BearerGrant } from '../../network/operator-network.ts';
import { failure, type QmiHandler, success } from '../qmi-call.ts';
import { qmiError } from '../qmi-error.ts';
import { type Tlv, tlv } from '../tlv.ts';
import { familyOf } from './wds-start.ts';

/** WDS has IPv4 addresses as little-endian numbers, so their bytes stand backwards. */
function ipv4Field(address: string): Uint8Array | null {
  return parseIpv4Address(address)?.reverse() ?? null;
}

function ipv4Tlvs(grant: BearerGrant, address: string): readonly Tlv[] {
  const own = parseIpv4Address(address);
  const gateway = parseIpv4Address(grant.gateway);
  if (!own || !gateway) return [];
  const fields: readonly (readonly [type: number, value: Uint8Array | null])[] = [
    [0x1e, ipv4Field(address)],
    [0x20, ipv4Field(grant.gateway)],
    [0x21, subnetMask(sharedPrefixLength(own, gateway)).reverse()],
    [0x15, ipv4Field(grant.dns[0] ?? '')],
    [0x16, ipv4Field(grant.dns[1] ?? '')],
  ];
  return fields.flatMap(([type, value]) => (value ? [{ type, value }] : []));
}

function ipv6Tlvs({ ipv6 }: BearerGrant, address: string): readonly Tlv[] {
  const withPrefix = (type: number, text: string): readonly Tlv[] => {
    const bytes = parseIpv6Address(text);
    return bytes ? [tlv(type, (writer) => writer.bytes(bytes).u8(64))] : [];
  };
  const servers = (ipv6?.dns ?? []).slice(0, 2).flatMap((server, index) => {
    const value = parseIpv6Address(server);
    return value ? [{ type: 0x27 + index, value }] : [];
  });
  return [...withPrefix(0x25, address), ...withPrefix(0x26, ipv6?.gateway ?? ''), ...servers];
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
