import type { EventCode } from '../event-codes.ts';
import { givenUpAt, giveUp, type Keepsakes } from './keepsakes.ts';
import { askedKeyOf, type Outcome, type Refusal, type Transaction } from './transaction.ts';

/** How a change ended. */
export interface Ending {
  readonly outcome: Outcome;
  readonly refusal: Refusal | null;
}

/**
 * What the end of a change says of it. That the control plane was met over the known good, after it was not over the new configuration, says little the first
 * time: it may have come back in between.
 */
export function verdictOf(keepsakes: Keepsakes, about: Transaction, { outcome, refusal }: Ending): Outcome {
  const isFirst = givenUpAt(keepsakes, about, { key: askedKeyOf(about), version: about.version }) === null;
  return isFirst && outcome === 'reverted' && refusal?.code === 'transaction.unconfirmed' ? 'inconclusive' : outcome;
}

/** The keepsakes with what was given up; null where nothing was: it was committed, or another SIM came, which says nothing of this one's. */
export function keptOf(keepsakes: Keepsakes, about: Transaction, { outcome, refusal }: Ending): Keepsakes | null {
  if (outcome === 'committed' || !refusal || refusal.code === 'transaction.sim-changed') return null;
  const { modem, iccid, version } = about;
  const inconclusive = outcome === 'inconclusive' && refusal.code === 'transaction.unconfirmed';
  return giveUp(keepsakes, { modem, iccid, key: askedKeyOf(about), version, refusal, inconclusive });
}

/** As what its end is told. */
export const endingCodes: Readonly<Record<Outcome, EventCode>> = {
  committed: 'change.committed',
  reverted: 'change.reverted',
  inconclusive: 'change.inconclusive',
  superseded: 'change.superseded',
};
