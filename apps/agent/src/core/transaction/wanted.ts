import type { Model } from '@towline/modem';
import { type ConnectionProfile, connectionProfileSchema, type TargetDocument, type TargetVersion } from '@towline/protocol';
import type { Situation } from '../decision.ts';
import { matchingRule } from '../resolve.ts';
import { fingerprintOf } from '../stages/bearer-stage.ts';
import { currentMode, modeAnswer } from '../stages/ready.ts';
import type { Wanted } from './intention.ts';
import type { Configuration } from './transaction.ts';

/** The target as the device holds it. */
export interface Held {
  readonly version: TargetVersion;
  readonly digest: string;
  readonly document: TargetDocument;
}

const minutes = 60_000;
/** However quick a model is: networks are not. */
const leastBudgetMs = 5 * minutes;

/** How long a change may take: half as long again as all that this model may need for it in turn. */
export function changeBudgetMs({ bounds, technology }: Model): number {
  const register = technology === 'lpwa' ? bounds.registerLpwa : bounds.register;
  const seconds = bounds.reenumerate + 2 * bounds.radio + bounds.simReady + register + bounds.hangUp + bounds.dial + bounds.address;
  return Math.max(leastBudgetMs, 1.5 * seconds * 1_000);
}

/** Whether the bearer may stand while the SIM roams is part of what a gateway is reached by. */
const keyOf = (profile: ConnectionProfile, mode: Configuration['mode'], digest: Situation['digest']): string =>
  digest(`${fingerprintOf(profile, mode, digest)} ${profile.roaming ? 'roams' : 'stays'}`);

/** What the target wants of the SIM in this modem; null before that can be told, or where the modem cannot do it. */
export function wantedOf(situation: Situation, held: Held | null): Wanted | null {
  const { observed, model, digest } = situation;
  const iccid = observed.sim?.iccid ?? null;
  const registered = observed.registration?.state === 'home' || observed.registration?.state === 'roaming';
  const rule = held && matchingRule(held.document, observed);
  if (!held || !rule || !model || iccid === null || !registered || observed.failure) return null;
  const answer = modeAnswer(situation, model, rule);
  if (!answer.ok) return null;
  const { name, profileRef, profile } = rule;
  const { mode } = answer;
  const configuration: Configuration = { rule: name, profileRef, profile, mode, key: keyOf(profile, mode, digest) };
  return { modem: observed.id, iccid, configuration, version: held.version, digest: held.digest };
}

/** What a modem was found dialled with, as far as it can be read: no modem tells a password. */
export function foundOf({ observed, digest }: Situation, { configuration }: Wanted): Configuration | null {
  const { bearer, context } = observed;
  if (!bearer?.active || !context) return null;
  const mode = currentMode(observed) ?? configuration.mode;
  const read: ConnectionProfile = { apn: context.apn, ipType: context.ipType ?? 'ipv4', auth: 'none', dataMode: 'auto', roaming: true };
  const profile = connectionProfileSchema.safeParse(read).data;
  return profile ? { rule: 'found', profileRef: 'found@1', profile, mode, key: keyOf(profile, mode, digest) } : null;
}
