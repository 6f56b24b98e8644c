import { selectionSchema } from '@towline/protocol/http';
import type { LiveRollout } from './live-rollout.repository.ts';

/** Devices that a rollout may still take in, as far as was approved; 0 for one whose selection does not grow. */
export function roomToGrow({ selection, grown }: Pick<LiveRollout, 'selection' | 'grown'>): number {
  const dynamic = selectionSchema.safeParse(selection).data?.dynamic;
  return dynamic ? Math.max(0, dynamic.growthLimit - grown) : 0;
}
