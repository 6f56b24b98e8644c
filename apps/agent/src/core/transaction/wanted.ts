import type { Model, SimSlot, StoredAuth } from '@towline/modem';
import {
  type ConnectionProfile,
  connectionProfileSchema,
  slotRule,
  type TargetDocument,
  type TargetRule,
  type TargetVersion,
} from '@towline/protocol';
import { faultOf, type Situation } from '../decision.ts';
import { limitFault, radioLimits } from '../radio-limits.ts';
import { matchingRule, pinForSim, simSubject } from '../resolve.ts';
import { fingerprintOf } from '../stages/bearer-stage.ts';
import { currentMode, modeAnswer } from '../stages/ready.ts';
import type { Wanted } from './intention.ts';
import { type Configuration, type Refusal, slotKey, type Unread } from './transaction.ts';

/** The target as the device holds it. */
export interface Held {
  readonly version: TargetVersion;
  readonly digest: string;
  readonly document: TargetDocument;
}

const minutes = 60_000;
/** However quick a model is: networks are not. */
const leastBudgetMs = 5 * minutes;

/** How long a change may take: what the profile says, else half as long again as all that this model may need for it in turn. */
export function changeBudgetMs({ bounds, technology }: Model, { changeWithinS }: Partial<ConnectionProfile>): number {
  if (changeWithinS !== undefined) return Math.max(leastBudgetMs, changeWithinS * 1_000);
  const register = technology === 'lpwa' ? bounds.registerLpwa : bounds.register;
  const seconds = bounds.reenumerate + 2 * bounds.radio + bounds.simReady + register + bounds.hangUp + bounds.dial + bounds.address;
  return Math.max(leastBudgetMs, 1.5 * seconds * 1_000);
}

interface Named {
  readonly digest: Situation['digest'];
  /** Null: whichever slot is in use. */
  readonly slot: SimSlot | null;
}

/** Asked for at every look, of a target's profiles, which stay the same objects for as long as it is held. */
const keysOf = new WeakMap<ConnectionProfile, Map<string, string>>();

function keyOf(profile: ConnectionProfile, mode: Configuration['mode'], named: Named): string {
  const keys = keysOf.get(profile) ?? new Map<string, string>();
  keysOf.set(profile, keys);
  const place = `${mode} ${named.slot}`;
  const key = keys.get(place) ?? newKeyOf(profile, mode, named);
  keys.set(place, key);
  return key;
}

/** Whether the bearer may stand while the SIM roams, and what network and bands the modem may be on, is part of what a gateway is reached by. */
function newKeyOf(profile: ConnectionProfile, mode: Configuration['mode'], { digest, slot }: Named): string {
  const kept = radioLimits.flatMap(({ wanted }) => wanted(profile) ?? []).map((limit) => ` on ${limit}`);
  return digest(
    `${fingerprintOf(profile, mode, digest)} ${profile.roaming ? 'roams' : 'stays'}${kept.join('')}${slot ? ` in ${slotKey(slot)}` : ''}`,
  );
}

/** What the target wants of a SIM: to be dialled so, or why it cannot be; `unknown` before that can be told. */
export type WantedReading =
  | { readonly kind: 'wanted'; readonly wanted: Wanted }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'unknown' };

const unknown: WantedReading = { kind: 'unknown' };

const refused = (refusal: Refusal): WantedReading => ({ kind: 'refused', refusal });
const unreadableBands = ({ id }: Model) => faultOf('bands.unreadable', [`${id} uses none of the bands that are known of it`]);

interface Elsewhere {
  readonly rule: TargetRule;
  readonly slot: SimSlot;
  readonly iccid: string;
}

/** Whether the SIM in use was unlocked with a PIN that the target does not hold: it would ask for it again. */
export function isLeftForGood({ observed, pinTries }: Situation, document: TargetDocument, iccid: string): boolean {
  const wasUnlocked = pinTries.some((entry) => entry.iccid === iccid && entry.outcome === 'accepted');
  return wasUnlocked && pinForSim(document, observed) === null;
}

/** What the target wants of a modem that is to use the SIM in its other slot. */
function wantedElsewhere(situation: Situation, held: Held, { rule, slot, iccid }: Elsewhere): WantedReading {
  const { observed, model } = situation;
  if (!model) return unknown;
  const answer = modeAnswer(situation, model, rule);
  if (!answer.ok) return answer.code === 'mode.unread' ? unknown : refused(faultOf(answer.code, answer.evidence));
  // What the rule of the other SIM may touch, and the way back would have to restore, is read first. What this model cannot be kept to is never written.
  const named = radioLimits.filter((limit) =>
    held.document.rules.some(({ profile }) => limit.wanted(profile) !== null && !limitFault(limit, model, profile)),
  );
  if (named.some(({ field }) => observed[field] === null)) return unknown;
  if (named.some(({ field }) => field === 'bands') && observed.bands === 'other') return refused(unreadableBands(model));
  if (isLeftForGood(situation, held.document, iccid)) {
    return refused(faultOf('pin.none-given', [`SIM ${iccid} is locked when it is come back to, and the target has no PIN for it`]));
  }
  const { name, profileRef, profile } = rule;
  const configuration: Configuration = { rule: name, profileRef, profile, mode: answer.mode, key: slotKey(slot), slot, isSimUnread: true };
  return { kind: 'wanted', wanted: { modem: observed.id, iccid, configuration, version: held.version, digest: held.digest } };
}

/** What the target wants of the SIM in this modem. */
export function wantedOf(situation: Situation, held: Held | null): WantedReading {
  const { observed, model } = situation;
  const iccid = observed.sim?.iccid ?? null;
  if (!held || !model || iccid === null || observed.failure) return unknown;
  const rule = slotRule(held.document.rules, simSubject(observed));
  const slot = rule?.simSlot ?? null;
  if (slot !== null && !model.simSlots) return refused(faultOf('sim-slot.unavailable', [`${model.id} is not known to have two SIM slots`]));
  if (slot !== null && observed.simSlot === null) return unknown;
  if (rule && slot !== null && slot !== observed.simSlot) return wantedElsewhere(situation, held, { rule, slot, iccid });
  return wantedHere(situation, held, { iccid, slot });
}

interface Here {
  readonly iccid: string;
  readonly slot: SimSlot | null;
}

function wantedHere(situation: Situation, held: Held, { iccid, slot }: Here): WantedReading {
  const { observed, model, digest } = situation;
  const registered = observed.registration?.state === 'home' || observed.registration?.state === 'roaming';
  if (!model || !registered) return unknown;
  const rule = matchingRule(held.document, observed);
  if (!rule) return refused(faultOf('policy.no-rule'));
  const answer = modeAnswer(situation, model, rule);
  // One answer that got lost is no refusal: the next look tells.
  if (!answer.ok && answer.code === 'mode.unread') return unknown;
  if (!answer.ok) return refused(faultOf(answer.code, answer.evidence));
  const { name, profileRef, profile } = rule;
  const { mode } = answer;
  const limits = radioLimits.filter(({ wanted }) => wanted(profile) !== null);
  const [fault = null] = limits.flatMap((limit) => limitFault(limit, model, profile) ?? []);
  if (fault) return refused(fault);
  // What the way back would have to restore is read first.
  if (limits.some(({ seen }) => seen(observed, profile) === null)) return unknown;
  if (profile.bands && observed.bands === 'other') return refused(unreadableBands(model));
  const key = keyOf(profile, mode, { digest, slot });
  const configuration: Configuration = { rule: name, profileRef, profile, mode, key, ...(slot ? { slot } : {}) };
  return { kind: 'wanted', wanted: { modem: observed.id, iccid, configuration, version: held.version, digest: held.digest } };
}

/** The profile of last resort as this modem can be dialled with it; null before that can be told, or where it cannot. */
export function bootstrapOf(situation: Situation, profile: ConnectionProfile | null): Configuration | null {
  const { model, digest } = situation;
  if (!profile || !model) return null;
  const named = { name: 'bootstrap', profileRef: 'bootstrap@1', profile };
  const answer = modeAnswer(situation, model, { ...named, level: 'device', when: {} });
  if (!answer.ok) return null;
  return {
    rule: named.name,
    profileRef: named.profileRef,
    profile,
    mode: answer.mode,
    key: keyOf(profile, answer.mode, { digest, slot: null }),
  };
}

/** Whether a bearer is up that this was dialled with, as far as can be seen. */
export function isDialledWith({ observed: { bearer, context } }: Situation, { profile }: Configuration): boolean {
  return bearer?.active === true && context !== null && sameApn(context.apn, profile.apn);
}

type Credentials = Pick<ConnectionProfile, 'auth' | 'username' | 'password'>;

function credentialsOf({ auth, username, password }: StoredAuth): Credentials {
  if (auth === 'none') return { auth };
  return { auth, ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) };
}

const sameApn = (left: string, right: string) => left.toLowerCase() === right.toLowerCase();

/** With what a context authenticates: as the modem reads it back, else as a rule for the same APN says. Null: nobody knows. */
function knownCredentials(apn: string, stored: StoredAuth | null, document: TargetDocument): Credentials | null {
  if (stored) return credentialsOf(stored);
  const profile = document.rules.find((rule) => sameApn(rule.profile.apn, apn))?.profile;
  if (!profile) return null;
  const { auth, username, password } = profile;
  return { auth, ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}

/**
 * What a modem was found dialled with, whole enough to come back to: what it does not tell is declared in `unread`. That it may roam is
 * taken for granted: a gateway that was reached while it roamed must be so again.
 * @param stored how its context authenticates; null where the modem does not tell
 */
export function foundOf({ observed, digest }: Situation, mode: Configuration['mode'], known: Known): Configuration | null {
  const { bearer, context } = observed;
  if (!bearer?.active || !context) return null;
  const { apn, ipType } = context;
  const credentials = knownCredentials(apn, known.stored, known.document);
  const read: ConnectionProfile = { auth: 'none', ...credentials, apn, ipType: ipType ?? 'ipv4', dataMode: 'auto', roaming: true };
  const profile = connectionProfileSchema.safeParse(read).data;
  if (!profile) return null;
  const unread: Unread[] = [...(credentials ? [] : ['credentials' as const]), ...(ipType ? [] : ['ip-type' as const]), 'roaming'];
  const found = { rule: 'found', profileRef: 'found@1', profile, mode: currentMode(observed) ?? mode };
  return { ...found, unread, key: keyOf(profile, found.mode, { digest, slot: null }) };
}

interface Known {
  readonly stored: StoredAuth | null;
  readonly document: TargetDocument;
}
