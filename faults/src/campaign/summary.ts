import type { FaultName } from '../trial/fault-classes.ts';
import type { Finding } from '../trial/judge.ts';
import type { TrialResult } from '../trial/trial.ts';
import { nameOf, type TrialName } from './trial-name.ts';

/** Of a trial what a report needs. */
export interface TrialSummary {
  readonly name: TrialName;
  readonly isWell: boolean;
  readonly on: Finding['on'];
  readonly record: Finding['record'];
  readonly injected: readonly { readonly fault: FaultName; readonly point: string }[];
  readonly reverts: number;
  readonly outOfReachMs: number | null;
  readonly hash: string;
}

export function summaryOf({ plan, isWell, finding, injected, reverts, outOfReachMs, hash }: TrialResult): TrialSummary {
  return { name: nameOf(plan), isWell, on: finding.on, record: finding.record, injected, reverts, outOfReachMs, hash };
}
