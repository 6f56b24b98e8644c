import { ByteWriter } from '../../binary/byte-writer.ts';
import { parseIpv4Address, parseIpv6Address } from '../../ip/address.ts';
import { sharedPrefixLength } from '../../ip/subnet.ts';
import type { BearerGrant } from '../../network/operator-network.ts';
import { answer, type MbimHandler, refusal } from '../mbim-call.ts';
import { mbimStatus } from '../mbim-status.ts';
import { MbimStruct } from '../mbim-struct.ts';

/** What one family is configured with, in bytes. */
interface FamilyConfiguration {
  readonly address: Uint8Array;
  readonly prefixLength: number;
  readonly gateway: Uint8Array | null;
  readonly dns: readonly Uint8Array[];
}

function present(values: readonly (Uint8Array | null)[]): readonly Uint8Array[] {
  return values.filter((value) => value !== null);
}

function ipv4Of(grant: BearerGrant): FamilyConfiguration | null {
  const address = parseIpv4Address(grant.addresses.find((one) => !one.includes(':')) ?? '');
  const gateway = parseIpv4Address(grant.gateway);
  if (!address || !gateway) return null;
  return { address, gateway, prefixLength: sharedPrefixLength(address, gateway), dns: present(grant.dns.map(parseIpv4Address)) };
}

function ipv6Of(grant: BearerGrant): FamilyConfiguration | null {
  const address = parseIpv6Address(grant.addresses.find((one) => one.includes(':')) ?? '');
  if (!address || !grant.ipv6) return null;
  return { address, prefixLength: 64, gateway: parseIpv6Address(grant.ipv6.gateway), dns: present(grant.ipv6.dns.map(parseIpv6Address)) };
}

/** Bits of what is configured: address, gateway, DNS servers, MTU. */
function available(one: FamilyConfiguration | null): number {
  if (!one) return 0;
  return 0x1 | (one.gateway ? 0x2 : 0) | (one.dns.length > 0 ? 0x4 : 0) | 0x8;
}

function addressElement(one: FamilyConfiguration | null): Uint8Array | null {
  return one && new ByteWriter(20).u32(one.prefixLength).bytes(one.address).done();
}

function servers(one: FamilyConfiguration | null): Uint8Array {
  const writer = new ByteWriter();
  for (const server of one?.dns ?? []) writer.bytes(server);
  return writer.done();
}

/** IP_CONFIGURATION: MBIM 1.0 clause 10.5.20. */
export const ipConfiguration: MbimHandler = ({ modem, sessions, input }) => {
  const id = input.u32();
  const session = sessions.get(id);
  const grant = session && modem.state.running.bearers.get(session.contextId)?.grant;
  if (!session || !grant) return refusal(mbimStatus.contextNotActivated);
  const ipv4 = session.type === 'IPV6' ? null : ipv4Of(grant);
  const ipv6 = session.type === 'IP' ? null : ipv6Of(grant);
  const struct = new MbimStruct().u32(id).u32(available(ipv4)).u32(available(ipv6));
  struct.u32(ipv4 ? 1 : 0).bytesAt(addressElement(ipv4));
  struct.u32(ipv6 ? 1 : 0).bytesAt(addressElement(ipv6));
  struct.bytesAt(ipv4?.gateway ?? null).bytesAt(ipv6?.gateway ?? null);
  struct.u32(ipv4?.dns.length ?? 0).bytesAt(servers(ipv4));
  struct.u32(ipv6?.dns.length ?? 0).bytesAt(servers(ipv6));
  return answer(
    struct
      .u32(ipv4 ? grant.mtu : 0)
      .u32(ipv6 ? grant.mtu : 0)
      .done(),
  );
};
