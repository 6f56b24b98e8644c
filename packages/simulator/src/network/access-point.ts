import type { IpType } from '@towline/modem';

/** One APN of a simulated operator. */
export interface AccessPoint {
  readonly name: string;
  readonly ipTypes: readonly ('ipv4' | 'ipv6')[];
  /** Credentials that the network asks for; without it any are taken. */
  readonly auth?: { readonly username: string; readonly password: string };
  /** IMSIs that may use it. Without it: everybody. Others are refused with cause 33. */
  readonly subscribers?: readonly string[];
  /** Operator determined barring, cause 8. */
  readonly barred?: boolean;
  /** Which hosts a packet from here gets to; an accepted APN that leads nowhere is `[]`. Without it: all. */
  readonly reaches?: readonly string[];
  /** Largest packet, in bytes; without it 1500. */
  readonly mtu?: number;
}

/** What a modem asks the network for when it activates a context. */
export interface BearerAsk {
  readonly imsi: string;
  /** Empty: whatever the network gives by default. */
  readonly accessPoint: string;
  readonly ipType: IpType;
  readonly username: string;
  readonly password: string;
}

/** 3GPP causes (TS 24.008 clause 10.5.6.6, TS 24.301 clause 9.9.4.4) that the simulated network gives. */
export type RefusalCause = 8 | 26 | 27 | 29 | 33 | 50 | 51;

/** The number of the cause with which an access point refuses, or the IP types that it grants. */
export function judgeBearer(
  accessPoint: AccessPoint,
  ask: BearerAsk,
): { readonly cause: RefusalCause } | { readonly grants: readonly ('ipv4' | 'ipv6')[] } {
  if (accessPoint.barred) return { cause: 8 };
  if (accessPoint.subscribers && !accessPoint.subscribers.includes(ask.imsi)) return { cause: 33 };
  const { auth } = accessPoint;
  if (auth && (auth.username !== ask.username || auth.password !== ask.password)) return { cause: 29 };
  const wanted: readonly ('ipv4' | 'ipv6')[] = ask.ipType === 'ipv4v6' ? ['ipv4', 'ipv6'] : [ask.ipType];
  const grants = wanted.filter((type) => accessPoint.ipTypes.includes(type));
  if (grants.length > 0) return { grants };
  return { cause: accessPoint.ipTypes.includes('ipv4') ? 50 : 51 };
}
