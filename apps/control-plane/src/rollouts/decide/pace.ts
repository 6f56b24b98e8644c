import type { RolloutSettings } from '@towline/protocol/http';
import { acknowledgedOf, sumOf } from './counts.ts';
import type { Credit, WaveView } from './view.ts';

const minuteMs = 60_000;
/** What was not used is kept for so long, so that a late tick doesn't slow a rollout down. */
const keptMs = 2000;

/** Devices a minute, as things stand; null: no rate paces it. */
export function ratePerMinute({ waves }: RolloutSettings, views: readonly WaveView[]): number | null {
  if (waves.kind !== 'rate') return null;
  const all = sumOf(views);
  const reached = waves.counting === 'succeeded' ? all.succeeded : all.opened + acknowledgedOf(all);
  return Math.min(waves.maxPerMinute, waves.basePerMinute * waves.factor ** Math.floor(reached / waves.after));
}

/** The credit at `nowMs`: one device at the start, then as many as the rate gives, never more than a moment's worth at once. */
export function creditNow(credit: Credit | null, rate: number | null, nowMs: number): Credit | null {
  if (rate === null) return null;
  if (!credit) return { amount: 1, atMs: nowMs };
  const elapsedMs = Math.max(0, nowMs - credit.atMs);
  const most = Math.max(1, (rate * keptMs) / minuteMs);
  return { amount: Math.min(most, credit.amount + (rate * elapsedMs) / minuteMs), atMs: nowMs };
}
