import type { VersionRef } from '@towline/protocol/http';
import type { Transaction } from '../../platform/database.ts';
import type { Opening } from '../decide/decision.ts';
import type { Answer } from '../decide/view.ts';
import type { LiveRollout } from '../live-rollout.repository.ts';

/** The target that a device had before it was given another one. */
export interface TargetBefore {
  /** What it goes back to; null: nothing is known that it came to. */
  readonly policy: VersionRef | null;
  readonly epoch: number;
  readonly number: number;
}

/** What became of giving a device what its rollout is for. */
export type Given = {
  readonly device: string;
  /** What it had, where that is its way back; null: nothing. */
  readonly before?: TargetBefore | null;
} & (
  | { readonly outcome: 'given'; readonly epoch: number | null; readonly number: number | null; readonly jobId: string | null }
  /** It has it, and said that it is well. */
  | { readonly outcome: 'already'; readonly epoch: number; readonly number: number }
  | { readonly outcome: 'refused'; readonly code: string }
);

export interface AnswerQuery {
  readonly rollout: LiveRollout;
  readonly databaseEpoch: number;
  readonly nowMs: number;
  readonly limit: number;
}

/** What a rollout does with a device, and how it is seen what came of it: one for policies, one for jobs. Both inside the tick's transaction. */
export interface RolloutWork {
  /** Answers for each opening. */
  give(tx: Transaction, rollout: LiveRollout, openings: readonly Opening[]): Promise<Given[]>;
  /** Watched devices of which there is something to say. */
  answers(tx: Transaction, query: AnswerQuery): Promise<Answer[]>;
  /** Takes back what devices were given and did not acknowledge. @returns of whom: who acknowledged in this very moment keeps it */
  withhold(tx: Transaction, rollout: LiveRollout, devices: readonly string[]): Promise<string[]>;
}
