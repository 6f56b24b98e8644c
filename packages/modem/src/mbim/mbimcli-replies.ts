import type { BearerAddress } from '../driver.ts';
import type { FailureCode } from '../failure.ts';
import { labelled, labelledNumber } from '../sessions/tool-text.ts';

/** `TRID: '5'` of a session that was not closed; the next process goes on from there. */
export function parseTransaction(text: string): number | null {
  return labelledNumber(text, 'TRID');
}

const readyStates: Readonly<Record<string, FailureCode | null>> = {
  initialized: null,
  'not-initialized': 'sim.busy',
  'sim-not-inserted': 'sim.absent',
  'bad-sim': 'sim.failure',
  failure: 'sim.failure',
  'not-activated': 'network.denied',
  'device-locked': 'sim.pin-required',
};

/** What keeps the SIM from being used; null: nothing, or the tool said a state that nobody knows. */
export function parseSimTrouble(text: string): FailureCode | null {
  return readyStates[labelled(text, 'Ready state') ?? ''] ?? null;
}

const registerStates: Readonly<Record<string, FailureCode | null>> = {
  home: null,
  roaming: null,
  partner: null,
  denied: 'network.denied',
  deregistered: 'network.no-service',
  searching: 'network.no-service',
};

export function parseRegistrationTrouble(text: string): FailureCode | null {
  return registerStates[labelled(text, 'Register state') ?? ''] ?? null;
}

export function parseAttached(text: string): boolean {
  return labelled(text, 'Packet service state') === 'attached';
}

/** Null: not told. `activating` and `deactivating` are on their way and count as what they come from. */
export function parseActivated(text: string): boolean | null {
  const state = labelled(text, 'Activation state');
  return state === null ? null : state === 'activated' || state === 'deactivating';
}

export interface IpConfiguration {
  readonly addresses: readonly BearerAddress[];
  readonly dns: readonly string[];
  readonly mtu: number | null;
}

function addressesOf(section: string): readonly BearerAddress[] {
  const gateway = labelled(section, 'Gateway');
  return [...section.matchAll(/^\s*IP \[\d+\]:\s*'?([0-9a-fA-F.:]+)\/(\d{1,3})'?\s*$/gm)].map(([, address = '', length = '']) => ({
    address,
    prefixLength: Number(length),
    gateway,
  }));
}

function dnsOf(section: string): readonly string[] {
  return [...section.matchAll(/^\s*DNS \[\d+\]:\s*'?([0-9a-fA-F.:]+)'?\s*$/gm)].map(([, server = '']) => server);
}

/** Sections for IPv4 and IPv6, each with what its first line says is there. Never fails: what is missing is empty. */
export function parseIpConfiguration(text: string): IpConfiguration {
  const sections = text.split(/(?=^.*IPv[46] configuration available)/m);
  const mtus = sections.flatMap((section) => labelledNumber(section, 'MTU') ?? []);
  return {
    addresses: sections.flatMap(addressesOf),
    dns: sections.flatMap(dnsOf),
    mtu: mtus.length === 0 ? null : Math.min(...mtus),
  };
}
