import type { TrialName } from '../campaign/trial-name.ts';

/** A trial that stranded a gateway once, and what was wrong. */
export interface Regression extends TrialName {
  readonly why: string;
}

/** What was found and mended; every test run looks that it stays so. */
export const regressions: readonly Regression[] = [
  {
    why: 'a change given up without a verdict just after the session was welcomed waited for hours for the next welcome',
    story: 'apn-over-qmi',
    seed: 1,
    faults: [{ at: 37, fault: 'control-plane-down' }],
  },
];
