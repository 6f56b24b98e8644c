import type { Transaction } from '../platform/database.ts';
import { type LiveRollout, lockRollout } from './live-rollout.repository.ts';
import { transit } from './transition.repository.ts';

/** When a way back ends, so does what it leads back from. */
export async function endWayBack(tx: Transaction, { tenantId, revertOf }: LiveRollout, how: 'finished' | 'aborted'): Promise<void> {
  if (revertOf === null) return;
  const original = await lockRollout(tx, { tenantId, id: revertOf }, true);
  if (!original) return;
  await transit(tx, original, { act: how === 'finished' ? 'complete' : 'giveUp', actor: 'system', reason: `way-back.${how}` });
}
