import type { Transaction } from '../../platform/database.ts';
import { inFlightOf } from '../decide/counts.ts';
import type { Decision } from '../decide/decision.ts';
import type { Candidate } from '../decide/view.ts';
import type { LiveRollout } from '../live-rollout.repository.ts';
import { openingOf } from '../windows/opening-of.ts';
import { type CandidateRow, readPending, readRetries, readReturned, type SizedWave } from './step-view.repository.ts';

/** Devices looked at in one step: those that come next, and those that wait. */
const pendingAtOnce = 300;
const waitingAtOnce = 1000;

export interface Look {
  readonly rows: readonly CandidateRow[];
  /** Where the next looks go on, once it is known what became of this one. */
  next(decision: Decision): { pendingAfter: number; waitingAfter: string | null };
}

/** As a decision sees them. Windows are asked once a zone: there are few zones, and many devices. */
export function candidatesOf(rows: readonly CandidateRow[], { settings, nowMs }: Pick<LiveRollout, 'settings' | 'nowMs'>): Candidate[] {
  const { schedule, timeouts } = settings;
  const unbound = schedule.windows.length === 0 && schedule.start === undefined;
  const isOpen = (zone: string) => unbound || openingOf({ schedule, zone, needSeconds: timeouts.answerS }, nowMs).open;
  const openIn = new Map([...new Set(rows.map(({ zone }) => zone))].map((zone) => [zone, isOpen(zone)]));
  return rows.map(({ place: _place, zone, site, carrier, cell, model, ...row }) => ({
    ...row,
    windowOpen: openIn.get(zone) ?? false,
    fate: { site, carrier, cell, model },
  }));
}

/**
 * Where a look along the pending devices goes on. One in which something moved is taken again from where it began, for what moved is gone from
 * it; one in which nothing could move goes on behind it, and the last begins anew, so that who has no room or no window does not stand in the
 * way of others for ever.
 */
function pendingAfter(rollout: LiveRollout, pending: readonly CandidateRow[], { moves, openings }: Decision): number {
  const moved = new Set([...moves, ...openings].map(({ device }) => device));
  if (pending.some(({ device }) => moved.has(device))) return rollout.pendingAfter;
  const last = pending.at(-1);
  return last && pending.length === pendingAtOnce ? last.place : 0;
}

/** Who could be opened. Nobody is looked for while there is no room, or while nobody may be opened. */
export async function lookAround(
  tx: Transaction,
  rollout: LiveRollout,
  { waves, mayOpen, stepLimit }: { waves: readonly SizedWave[]; mayOpen: boolean; stepLimit: number },
): Promise<Look> {
  const still = { pendingAfter: rollout.pendingAfter, waitingAfter: rollout.waitingAfter };
  const inFlight = waves.reduce((sum, { counts }) => sum + inFlightOf(counts), 0);
  if (rollout.state !== 'running' || !mayOpen || inFlight >= rollout.settings.caps.inFlight) return { rows: [], next: () => still };
  const begun = waves.filter(({ number }) => number <= rollout.currentWave);
  const some = (count: (wave: SizedWave) => number) => begun.some((wave) => count(wave) > 0);
  const lastPlace = begun.reduce((sum, { size }) => sum + size, 0);
  const retries = some(({ retrying }) => retrying) ? await readRetries(tx, rollout, stepLimit) : [];
  const returned = some(({ counts }) => counts.waiting) ? await readReturned(tx, rollout, waitingAtOnce) : { rows: [], next: null };
  const pending = some(({ counts }) => counts.pending) ? await readPending(tx, rollout, { lastPlace, limit: pendingAtOnce }) : [];
  return {
    rows: [...retries, ...returned.rows, ...pending],
    next: (decision) => ({ pendingAfter: pendingAfter(rollout, pending, decision), waitingAfter: returned.next }),
  };
}
