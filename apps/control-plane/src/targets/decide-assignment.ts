import type { TargetDocument, TargetVersion } from '@towline/protocol';
import type { AssignmentOutcome, AssignmentRefusal } from '@towline/protocol/http';
import { type CompositionPolicy, type CompositionSubject, composeTarget, type ProfilesByRef, sameTarget } from './compose.ts';

export interface AssignmentInput {
  readonly device: CompositionSubject & { readonly onHold: boolean };
  /** The target that the device has, null before its first; its document null where it cannot be opened any more. */
  readonly current: (TargetVersion & { readonly document: TargetDocument | null; readonly overtakenBy: TargetVersion | null }) | null;
  readonly policy: CompositionPolicy;
  readonly profiles: ProfilesByRef;
  readonly databaseEpoch: number;
  readonly salt: string;
}

export type AssignmentDecision =
  | { readonly outcome: 'assigned'; readonly epoch: number; readonly number: number; readonly document: TargetDocument }
  | { readonly outcome: 'unchanged'; readonly epoch: number; readonly number: number }
  | { readonly outcome: 'refused'; readonly code: AssignmentRefusal };

/** What assigning this policy version means for one device: a new target, nothing, or why not. */
export function decideAssignment({ device, current, policy, profiles, databaseEpoch, salt }: AssignmentInput): AssignmentDecision {
  const composed = composeTarget({ device, policy, profiles, salt });
  if (!composed.ok) return { outcome: 'refused', code: composed.code };
  const { document } = composed;
  // After a restore even an equal document goes out: the device may hold another one by now.
  if (current?.document && current.epoch >= databaseEpoch && !current.overtakenBy && sameTarget(current.document, document)) {
    return { outcome: 'unchanged', epoch: current.epoch, number: current.number };
  }
  if (device.onHold) return { outcome: 'refused', code: 'site.on-hold' };
  const last = current?.overtakenBy ?? current;
  return { outcome: 'assigned', epoch: Math.max(databaseEpoch, last?.epoch ?? 0), number: (last?.number ?? 0) + 1, document };
}

export function shownOutcome(device: string, decision: AssignmentDecision): AssignmentOutcome {
  if (decision.outcome === 'refused') return { device, outcome: 'refused', code: decision.code };
  const version = { epoch: decision.epoch, number: decision.number };
  return decision.outcome === 'assigned' ? { device, outcome: 'assigned', version } : { device, outcome: 'unchanged', version };
}
