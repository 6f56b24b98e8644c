import type { Model, StoredAuth } from '@towline/modem';
import { type ConnectionProfile, connectionProfileSchema, type TargetDocument, type TargetVersion } from '@towline/protocol';
import { faultOf, type Situation } from '../decision.ts';
import { limitFault, radioLimits } from '../radio-limits.ts';
import { matchingRule } from '../resolve.ts';
import { fingerprintOf } from '../stages/bearer-stage.ts';
import { currentMode, modeAnswer } from '../stages/ready.ts';
import type { Wanted } from './intention.ts';
import type { Configuration, Refusal, Unread } from './transaction.ts';

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

/** Whether the bearer may stand while the SIM roams, and what network and bands the modem may be on, is part of what a gateway is reached by. */
function keyOf(profile: ConnectionProfile, mode: Configuration['mode'], digest: Situation['digest']): string {
  const kept = radioLimits.flatMap(({ wanted }) => wanted(profile) ?? []).map((limit) => ` on ${limit}`);
  return digest(`${fingerprintOf(profile, mode, digest)} ${profile.roaming ? 'roams' : 'stays'}${kept.join('')}`);
}

/** What the target wants of a SIM: to be dialled so, or why it cannot be; `unknown` before that can be told. */
export type WantedReading =
  | { readonly kind: 'wanted'; readonly wanted: Wanted }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'unknown' };

const unknown: WantedReading = { kind: 'unknown' };

/** What the target wants of the SIM in this modem. */
export function wantedOf(situation: Situation, held: Held | null): WantedReading {
  const { observed, model, digest } = situation;
  const iccid = observed.sim?.iccid ?? null;
  const registered = observed.registration?.state === 'home' || observed.registration?.state === 'roaming';
  if (!held || !model || iccid === null || !registered || observed.failure) return unknown;
  const rule = matchingRule(held.document, observed);
  if (!rule) return { kind: 'refused', refusal: faultOf('policy.no-rule') };
  const answer = modeAnswer(situation, model, rule);
  // One answer that got lost is no refusal: the next look tells.
  if (!answer.ok && answer.code === 'mode.unread') return unknown;
  if (!answer.ok) return { kind: 'refused', refusal: faultOf(answer.code, answer.evidence) };
  const { name, profileRef, profile } = rule;
  const { mode } = answer;
  const limits = radioLimits.filter(({ wanted }) => wanted(profile) !== null);
  const [fault = null] = limits.flatMap((limit) => limitFault(limit, model, profile) ?? []);
  if (fault) return { kind: 'refused', refusal: fault };
  // What the way back would have to restore is read first.
  if (limits.some(({ seen }) => seen(observed, profile) === null)) return unknown;
  if (profile.bands && observed.bands === 'other') {
    return { kind: 'refused', refusal: faultOf('bands.unreadable', [`${model.id} uses none of the bands that are known of it`]) };
  }
  const configuration: Configuration = { rule: name, profileRef, profile, mode, key: keyOf(profile, mode, digest) };
  return { kind: 'wanted', wanted: { modem: observed.id, iccid, configuration, version: held.version, digest: held.digest } };
}

/** The profile of last resort as this modem can be dialled with it; null before that can be told, or where it cannot. */
export function bootstrapOf(situation: Situation, profile: ConnectionProfile | null): Configuration | null {
  const { model, digest } = situation;
  if (!profile || !model) return null;
  const named = { name: 'bootstrap', profileRef: 'bootstrap@1', profile };
  const answer = modeAnswer(situation, model, { ...named, level: 'device', when: {} });
  if (!answer.ok) return null;
  return { rule: named.name, profileRef: named.profileRef, profile, mode: answer.mode, key: keyOf(profile, answer.mode, digest) };
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
  return { ...found, unread, key: keyOf(profile, found.mode, digest) };
}

interface Known {
  readonly stored: StoredAuth | null;
  readonly document: TargetDocument;
}
