import { percentile } from '@towline/kit';
import { runInside } from '../namespace.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { writeLabReport } from './lab-report.ts';
import { forgetLabResults, readLabResults } from './results-file.ts';
import { faultModems } from './setting.ts';
import { faultsIn, judgedOf, neverInjected } from './trial-result.ts';

export interface LabFaultRun {
  readonly prepared: Prepared;
  /** How many faults at least. */
  readonly count: number;
  readonly seed: number;
  /** No trial begins after so many. */
  readonly minutes: number;
  /** Goes on from what a run before has shown. */
  readonly resumes: boolean;
  /** Writes what was found into docs/fault-injection.md. */
  readonly isRecorded: boolean;
  readonly print: (line: string) => void;
}

/**
 * Runs a lane for each modem, each in namespaces of its own, and says at the end how all went. Gives whether there were trials, none
 * stranded a gateway, and no fault was left out.
 */
export async function tellLabFaults(run: LabFaultRun): Promise<boolean> {
  const { prepared, count, seed, minutes, resumes, isRecorded, print } = run;
  if (!resumes) forgetLabResults();
  print(`lab: ${count} faults with seed ${seed}`);
  const statuses = await Promise.all(
    faultModems.map((modem) => runInside(['faults', modem, String(count), String(seed), String(minutes)])),
  );
  const results = readLabResults();
  const trials = judgedOf(results);
  if (isRecorded) writeLabReport(results, prepared.kernel.release);
  const stranded = trials.filter(({ outcome }) => outcome === 'stranded').length;
  const p95Seconds = percentile(
    trials.map(({ backS }) => backS),
    95,
  );
  const untried = neverInjected(trials);
  const broken = results.filter((result) => result.kind === 'trial' && result.outcome === 'broken').length;
  print(JSON.stringify({ faults: faultsIn(trials), trials: trials.length, stranded, broken, p95Seconds, neverInjected: untried }));
  return stranded === 0 && trials.length > 0 && untried.length === 0 && statuses.every((status) => status === 0);
}
