import type { IpType } from '@towline/modem';
import { clockFloorMs } from '../clock-floor.ts';
import { type Configuration, changeRefusal, type Refusal } from './transaction.ts';

export type IpFamily = 4 | 6;

/** Why a loss of power takes what is in a directory. */
export interface Volatility {
  readonly why: string;
  /** Whether it is in RAM for sure; else nobody here can tell. */
  readonly isSeen: boolean;
}

/** What the host says before a change is begun. Null: nobody knows, and what is not known keeps nothing from beginning. */
export interface Conditions {
  /** Why a loss of power takes for sure what is in the state directory; null: it does not, as far as is seen, or a person has accepted that it does. */
  readonly volatileState: string | null;
  readonly battery: { readonly percent: number; readonly isDischarging: boolean } | null;
  /** The sensor that is nearest to what it may bear. */
  readonly heat: { readonly sensor: string; readonly celsius: number; readonly limitCelsius: number } | null;
}

/** Where the session of the change will go. */
export interface Destination {
  readonly host: string;
  readonly usesTls: boolean;
  /** Of the addresses of its name; null: it is an address itself, or nobody can tell now. */
  readonly families: readonly IpFamily[] | null;
}

export interface Preflight {
  readonly conditions: Conditions | null;
  /** Null: the device has no control plane yet. */
  readonly destination: Destination | null;
  readonly wallMs: number;
  /** A session with the control plane stands: whatever the clock says, its certificate was taken. */
  readonly inTouch: boolean;
}

const leastBatteryPercent = 15;
/** So near to what it may bear a sensor is too hot: dialling warms the modem. */
const marginCelsius = 5;

type Check = (preflight: Preflight, to: Configuration) => Refusal | null;

const stateIsKept: Check = ({ conditions }) => {
  const { volatileState = null } = conditions ?? {};
  return volatileState === null ? null : changeRefusal('transaction.state-volatile', [volatileState]);
};

const clockIsSet: Check = ({ destination, wallMs, inTouch }) =>
  destination?.usesTls && !inTouch && wallMs < clockFloorMs
    ? changeRefusal('transaction.clock-unset', [`the clock says ${new Date(wallMs).toISOString()}`])
    : null;

const familiesOf: Readonly<Record<IpType, readonly IpFamily[]>> = { ipv4: [4], ipv6: [6], ipv4v6: [4, 6] };

/** A name with IPv4 addresses alone may be reached over IPv6, where the operator's resolver makes an address of it (DNS64, RFC 6147); a bare address not. */
const endpointIsOfItsType: Check = ({ destination }, { profile: { ipType } }) => {
  if (!destination) return null;
  const { host, families } = destination;
  const literal: readonly IpFamily[] | null = /^[\d.]+$/.test(host) ? [4] : host.includes(':') ? [6] : null;
  const reachable = literal ?? (families?.includes(4) && ipType !== 'ipv4' ? null : families);
  if (!reachable || reachable.some((family) => familiesOf[ipType].includes(family))) return null;
  return changeRefusal('transaction.endpoint-ip-type', [
    `${host} has IPv${reachable.join(' and IPv')} addresses, the profile wants ${ipType}`,
  ]);
};

const powerLasts: Check = ({ conditions }) => {
  const { percent, isDischarging } = conditions?.battery ?? { percent: 100, isDischarging: false };
  return isDischarging && percent < leastBatteryPercent ? changeRefusal('transaction.battery-low', [`${percent} % and discharging`]) : null;
};

const isCool: Check = ({ conditions }) => {
  const { heat = null } = conditions ?? {};
  if (!heat || heat.celsius < heat.limitCelsius - marginCelsius) return null;
  return changeRefusal('transaction.too-hot', [`${heat.sensor}: ${heat.celsius} °C of ${heat.limitCelsius} °C`]);
};

const checks: readonly Check[] = [stateIsKept, clockIsSet, endpointIsOfItsType, powerLasts, isCool];

/** Why a change to this configuration must not begin here and now; null: nothing speaks against it. */
export function obstacleTo(to: Configuration, preflight: Preflight): Refusal | null {
  for (const check of checks) {
    const refusal = check(preflight, to);
    if (refusal) return refusal;
  }
  return null;
}
