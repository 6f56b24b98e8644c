import { type Bands, type Model, unsupportedBands } from '@towline/modem';
import { bandsText, type ConnectionProfile } from '@towline/protocol';
import { type Fault, faultOf, type Situation } from './decision.ts';
import { type ModemMemory, maxVainWrites } from './memory.ts';
import type { ObservedModem } from './observed.ts';
import type { TroubleCode } from './reactions.ts';
import type { Step } from './step.ts';

/** Something of its radio that a rule may keep a modem to. Text tells two settings of it apart. */
export interface RadioLimit {
  readonly field: 'radioAccess' | 'bands';
  /** What the profile keeps the modem to; null: it leaves that open. */
  readonly wanted: (profile: ConnectionProfile) => string | null;
  /** What the modem is kept to, as far as the profile names it; null: it did not say. */
  readonly seen: (observed: ObservedModem, profile: ConnectionProfile) => string | null;
  /** Of what the profile names, what this model cannot be kept to. */
  readonly unsupported: (model: Model, profile: ConnectionProfile) => readonly string[];
  readonly unavailable: TroubleCode;
  readonly notKept: TroubleCode;
  /** Null where the profile leaves it open. */
  readonly write: (profile: ConnectionProfile) => Step | null;
  /** Writes that have not come into force since. */
  readonly writes: (memory: ModemMemory) => number;
}

const cuts = { cutsLink: true, changesDialling: true } as const;

const accessLimit: RadioLimit = {
  field: 'radioAccess',
  wanted: ({ radioAccess = null }) => radioAccess,
  seen: ({ radioAccess }) => radioAccess,
  unsupported: ({ radioAccess }, profile) =>
    profile.radioAccess === undefined || radioAccess?.modes.some(({ access }) => access === profile.radioAccess)
      ? []
      : [profile.radioAccess],
  unavailable: 'radio-access.unavailable',
  notKept: 'radio-access.not-kept',
  write: ({ radioAccess: access }) => (access === undefined ? null : { kind: 'write-radio-access', access, ...cuts }),
  writes: ({ radioWrites }) => radioWrites,
};

/** The bands that are in use of the technologies that the profile names. */
export function bandsBeside({ bands }: Pick<ObservedModem, 'bands'>, named: Bands = {}): ConnectionProfile['bands'] {
  if (bands === null || bands === 'other') return undefined;
  const used = Object.entries(bands).filter(([technology]) => Object.hasOwn(named, technology));
  return Object.fromEntries(used.map(([technology, numbers = []]) => [technology, [...numbers]]));
}

const bandsLimit: RadioLimit = {
  field: 'bands',
  wanted: ({ bands }) => (bands === undefined ? null : bandsText(bands)),
  seen: ({ bands }, profile) => (bands === null || bands === 'other' ? bands : bandsText(bandsBeside({ bands }, profile.bands) ?? {})),
  unsupported: ({ bands }, profile) => (profile.bands === undefined ? [] : unsupportedBands(bands, profile.bands)),
  unavailable: 'bands.unavailable',
  notKept: 'bands.not-kept',
  write: ({ bands }) => (bands === undefined ? null : { kind: 'write-bands', bands, ...cuts }),
  writes: ({ bandWrites }) => bandWrites,
};

/** In the order in which they are written. */
export const radioLimits: readonly RadioLimit[] = [accessLimit, bandsLimit];

/** What a profile keeps a radio to. */
export type RadioLimits = Pick<ConnectionProfile, RadioLimit['field']>;

/**
 * What a modem was kept to before a change that is over, and is not any more; null: nothing, or it was written in vain, or the rule that holds now
 * has a word of its own. Left so it might keep a SIM that has nothing to do with the change from every network.
 * @param ruled what that rule says; nothing where none holds
 */
export function owedRadio(before: ConnectionProfile, ruled: RadioLimits, now: Pick<Situation, 'observed' | 'memory'>): RadioLimits | null {
  const left = radioLimits.filter(({ field, writes }) => ruled[field] === undefined && writes(now.memory) < maxVainWrites);
  const isOwed = left.some(({ field, wanted, seen }) => before[field] !== undefined && seen(now.observed, before) !== wanted(before));
  return isOwed ? Object.fromEntries(left.map(({ field }) => [field, before[field]])) : null;
}

/** Why this model cannot be kept to what the profile names; null where it can. */
export function limitFault({ unsupported, unavailable }: RadioLimit, model: Model, profile: ConnectionProfile): Fault | null {
  const lacking = unsupported(model, profile);
  return lacking.length === 0 ? null : faultOf(unavailable, [`${model.id} cannot be kept to ${lacking.join(', ')}`]);
}
