import { percentile } from '@towline/kit';
import { runInside } from '../namespace.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { writeLabReport } from './lab-report.ts';
import { forgetLabResults, readLabResults } from './results-file.ts';
import { type FaultModem, faultModems } from './setting.ts';
import { faultsIn, judgedOf } from './trial-result.ts';

export interface LabFaultRun {
  readonly prepared: Prepared;
  /** How many faults at least. */
  readonly count: number;
  readonly seed: number;
  /** Goes on from what a run before has shown. */
  readonly resumes: boolean;
  /** Writes what was found into docs/fault-injection.md. */
  readonly isRecorded: boolean;
  readonly print: (line: string) => void;
}

/** The words by which `runInside` is told of one lane. */
export const laneWords = (modem: FaultModem, { count, seed }: Pick<LabFaultRun, 'count' | 'seed'>): readonly string[] => [
  'faults',
  String(count),
  String(seed),
  modem,
];

/** Runs a lane for each modem, each in namespaces of its own, and says at the end how all went. Gives whether no gateway was stranded. */
export async function tellLabFaults(run: LabFaultRun): Promise<boolean> {
  const { prepared, count, seed, resumes, isRecorded, print } = run;
  if (!resumes) forgetLabResults();
  print(`lab: ${count} faults with seed ${seed}`);
  const statuses = await Promise.all(faultModems.map((modem) => runInside(laneWords(modem, { count, seed }))));
  const results = readLabResults();
  const trials = judgedOf(results);
  if (isRecorded) writeLabReport(results, prepared.kernel.release);
  const stranded = trials.filter(({ outcome }) => outcome === 'stranded').length;
  const p95Seconds = percentile(
    trials.map(({ backS }) => backS),
    95,
  );
  const broken = results.filter((result) => result.kind === 'trial' && result.outcome === 'broken').length;
  print(JSON.stringify({ faults: faultsIn(trials), trials: trials.length, stranded, broken, p95Seconds }));
  return stranded === 0 && statuses.every((status) => status === 0) && faultsIn(trials) >= count;
}
