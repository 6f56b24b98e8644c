import type { TargetDocument, TargetRule, TargetVersion } from '@towline/protocol';
import type { ObservedModem } from '../observed.ts';
import { bandsBeside } from '../radio-limits.ts';
import { givenUpAt, type Keepsakes, knownGoodAt, mayTryAgain, type Place } from './keepsakes.ts';
import { hasWayBack } from './moves.ts';
import type { RetryPause } from './retry-pause.ts';
import { aimOf, type Configuration, changeRefusal, type Refusal, slotKey, type Transaction } from './transaction.ts';

/** What the held target wants of one SIM in one modem. */
export interface Wanted extends Place {
  readonly configuration: Configuration;
  readonly version: TargetVersion;
  readonly digest: string;
}

/** Whether it is in the other slot than the one that is in use: `iccid` is that of the SIM in this one. */
const isElsewhere = ({ configuration }: Wanted) => configuration.isSimUnread === true;

/**
 * How far a modem is with what its target wants of it:
 * - `settled`: it is dialled with that, and nothing is left to be confirmed.
 * - `under-way`: it is being changed, or waits for its turn or for whoever confirms.
 * - `refused`: it cannot be begun here and now; `given-up`: it was tried.
 * - `unknown`: what the target wants of this modem cannot be told (yet).
 */
export type ChangePhase = 'settled' | 'under-way' | 'refused' | 'given-up' | 'unknown';

/** What a modem is to be dialled with now. */
export interface Aim {
  readonly configuration: Configuration;
  readonly phase: ChangePhase;
  /** Why it is not what the target wants. */
  readonly refusal: Refusal | null;
  /** What the next try of it waits for; left out: nothing. */
  readonly pause?: RetryPause | undefined;
}

/** What a change would go back to. */
export interface WayBack {
  readonly configuration: Configuration;
  readonly standing: 'confirmed' | 'assumed';
}

/**
 * What is to be done about it:
 * - `go`: dial with this; nothing is changed that is not confirmed already, or a change is under way.
 * - `begin`: a change has to be opened first. `adopts`: what it goes back to is not among the known goods yet.
 * - `sim-read`: the SIM in the slot that the change went to was read, this is what the target wants of it, and what is known good of it.
 * - `retarget`: the change under way is of an older target.
 */
export type Intention =
  | { readonly kind: 'go'; readonly aim: Aim }
  | { readonly kind: 'begin'; readonly from: WayBack | null; readonly adopts: boolean; readonly others: readonly Configuration[] }
  | { readonly kind: 'sim-read'; readonly to: Configuration; readonly known: Configuration | null }
  | {
      readonly kind: 'retarget';
      readonly from: Configuration | null;
      readonly to: Configuration;
      readonly others: readonly Configuration[];
    };

/** What an intention rests on, beside the target. */
export interface ChangeMemory {
  readonly keepsakes: Keepsakes;
  /** What a running modem was found dialled with, null when its bearer is down. */
  readonly found: Configuration | null;
  /** The last of all ways back, where the device has one. */
  readonly bootstrap: Configuration | null;
  /** What its radio is kept to now, as far as it was asked, and which SIM slot is in use. */
  readonly radio: SeenRadio;
  /** What a change that was given up without a verdict waits for before it is tried again; null: for nothing. */
  readonly pause: RetryPause | null;
}

export type SeenRadio = Pick<ObservedModem, 'radioAccess' | 'bands' | 'simSlot'>;

/** How far an open change is. One whose known good did not come up either is lost for now, however long it goes on trying. */
export function phaseOf(open: Transaction): ChangePhase {
  return open.phase === 'reverting' && (open.turn >= 2 || !hasWayBack(open)) ? 'given-up' : 'under-way';
}

export function aimAt(open: Transaction): Aim {
  return { configuration: aimOf(open), phase: phaseOf(open), refusal: open.refusal };
}

function intendFreely(wanted: Wanted, memory: ChangeMemory): Intention {
  const { keepsakes, found, bootstrap, pause } = memory;
  const { key } = wanted.configuration;
  const known = knownGoodAt(keepsakes, wanted);
  const isSame = known?.configuration.key === key;
  // By its present name: the rule or the profile's version may be another, what is dialled with is not.
  if (known?.standing === 'confirmed' && isSame) return goTo(wanted.configuration, 'settled', null);
  const given = givenUpAt(keepsakes, wanted, { key, version: wanted.version });
  const configuration = known?.configuration ?? wanted.configuration;
  if (given && !mayTryAgain(given)) return goTo(configuration, 'given-up', given.refusal);
  if (given && pause) return { kind: 'go', aim: { configuration, phase: 'under-way', refusal: given.refusal, pause } };
  // This SIM is here now, wherever it was when its known good was confirmed.
  const named = (way: Configuration) => withWhatItWas({ ...way, slot: undefined }, wanted.configuration, memory.radio);
  const others = [...(known?.earlier ?? []), ...(bootstrap ? [bootstrap] : [])].map(named);
  if (known && !isSame) return beginFrom({ ...known, configuration: named(known.configuration) }, { adopts: false, others });
  // What nobody has confirmed yet is announced as it stands; it is its own way back.
  if (known || !found || found.key === key) return { kind: 'begin', from: null, adopts: false, others };
  return beginFrom({ configuration: named(found), standing: 'assumed' }, { adopts: true, others });
}

/**
 * What left radio technology, bands or SIM slot to the modem names those that it was kept to, when a change is about to touch them; for the
 * technology `auto` where it cannot tell. What a SIM that was not read yet will touch is not known, so all that was asked is named.
 */
function withWhatItWas(way: Configuration, to: Configuration, { radioAccess: kept, bands, simSlot }: SeenRadio): Configuration {
  const isTouched = to.isSimUnread ? kept !== null : to.profile.radioAccess !== undefined;
  const before = kept === null || kept === 'other' ? 'auto' : kept;
  const radioAccess = way.profile.radioAccess ?? (isTouched ? before : undefined);
  const touched = to.isSimUnread && bands !== 'other' ? bands : to.profile.bands;
  const named = touched && { ...bandsBeside({ bands }, touched), ...way.profile.bands };
  const limits = { ...(radioAccess ? { radioAccess } : {}), ...(named ? { bands: named } : {}) };
  const slot = way.slot ?? (to.slot === undefined ? null : simSlot);
  return { ...way, ...(slot ? { slot } : {}), profile: { ...way.profile, ...limits } };
}

/** What an older target wrote to the modem does not outlive it: what is left open, the SIM slot too, is as it was before. */
function keptAs(to: Configuration, from: Configuration | null, { simSlot }: SeenRadio): Configuration {
  if (!from || to.isSimUnread) return to;
  const slot = to.slot ?? from.slot;
  if (to.slot === undefined && slot && slot !== simSlot) return { ...to, key: slotKey(slot), slot, isSimUnread: true };
  const radioAccess = to.profile.radioAccess ?? from.profile.radioAccess;
  const bands = (to.profile.bands ?? from.profile.bands) && { ...from.profile.bands, ...to.profile.bands };
  return {
    ...to,
    ...(slot ? { slot } : {}),
    profile: { ...to.profile, ...(radioAccess ? { radioAccess } : {}), ...(bands ? { bands } : {}) },
  };
}

/** A link that could not be dialled again is not given up, where there is nothing else to come back to. */
function beginFrom(from: WayBack, way: { readonly adopts: boolean; readonly others: readonly Configuration[] }): Intention {
  const { configuration } = from;
  const isWhole = configuration.unread?.includes('credentials') !== true;
  if (isWhole || way.others.length > 0) return { kind: 'begin', from, ...way };
  const { apn } = configuration.profile;
  const evidence = [`nobody knows what ${apn} is dialled with: give a rule for it, or the device a bootstrap profile`];
  return goTo(configuration, 'refused', changeRefusal('transaction.no-way-back', evidence));
}

const goTo = (configuration: Configuration, phase: ChangePhase, refusal: Refusal | null): Intention => ({
  kind: 'go',
  aim: { configuration, phase, refusal },
});

export function intend(wanted: Wanted, open: Transaction | null, memory: ChangeMemory): Intention {
  if (!open) return intendFreely(wanted, memory);
  const same = open.version.epoch === wanted.version.epoch && open.version.number === wanted.version.number;
  const isRead = open.to.isSimUnread === true && !isElsewhere(wanted) && wanted.configuration.slot === open.to.slot;
  if (same && isRead && open.phase !== 'confirmed') return readSim(wanted, open, memory);
  if (same) return { kind: 'go', aim: aimAt(open) };
  // What the older target left alone is still as it was before.
  const named = (way: Configuration) => withWhatItWas(way, wanted.configuration, memory.radio);
  const from = open.from && named(open.from);
  return { kind: 'retarget', from, to: keptAs(wanted.configuration, from, memory.radio), others: open.others.map(named) };
}

function readSim(wanted: Wanted, { from, to }: Transaction, { keepsakes, radio }: ChangeMemory): Intention {
  const known = knownGoodAt(keepsakes, wanted)?.configuration;
  return {
    kind: 'sim-read',
    to: keptAs(wanted.configuration, from, radio),
    known: known ? keptAs({ ...known, slot: to.slot }, from, radio) : null,
  };
}

/** Whether what is intended puts something at risk. On the way back it does not, nor does the change under way by another name. */
export function hasToLose(intention: Exclude<Intention, { kind: 'go' | 'sim-read' }>, open: Transaction | null): boolean {
  if (intention.from === null || open?.phase === 'reverting') return false;
  return intention.kind === 'begin' || intention.to.key !== open?.to.key;
}

/** What to do instead of a change that cannot be begun because nobody would confirm it, or another modem's has to end first. */
export function aimMeanwhile(wanted: Wanted, { keepsakes, found }: ChangeMemory, confirms: boolean | null): Aim {
  const { configuration } = wanted;
  const known = knownGoodAt(keepsakes, wanted);
  // With a control plane that never confirms, targets are dialled as they come; only what another one confirmed is kept.
  if (confirms === false && known?.standing !== 'confirmed' && !isElsewhere(wanted))
    return { configuration, phase: 'settled', refusal: null };
  // A gateway without anything to lose dials as it is told, but nothing of that is settled. Nobody goes to another SIM without a way back.
  const refusal = confirms === false ? changeRefusal('transaction.no-confirmer') : null;
  return { configuration: known?.configuration ?? found ?? configuration, phase: refusal ? 'refused' : 'under-way', refusal };
}

/** The rule that dials with this configuration, whatever the SIM. */
function ruleOf({ rule, profileRef, profile, mode }: Configuration): TargetRule {
  return { name: rule, level: 'device', when: {}, profileRef, profile: { ...profile, dataMode: mode } };
}

/** The target as the planner is to see it: aimed at this configuration, its PINs as they are. */
export function aimedAt(document: TargetDocument, configuration: Configuration): TargetDocument {
  return { ...document, rules: [ruleOf(configuration), ...document.rules] };
}
