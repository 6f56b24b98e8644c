import { Worker } from 'node:worker_threads';
import type { TrialSummary } from './summary.ts';
import type { TrialName } from './trial-name.ts';

const workerFile = new URL('./worker.js', import.meta.url);

export interface CampaignRun {
  readonly threads: number;
  /** No trial begins after so long. */
  readonly forMs: number;
  readonly onResult: (summary: TrialSummary) => void;
}

function share(trials: readonly TrialName[], { forMs, onResult }: CampaignRun): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerFile, { workerData: { trials, forMs } });
    worker.on('message', onResult);
    worker.once('error', reject);
    worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a thread ended with ${code}`))));
  });
}

/** Runs trials on several threads, each world on one; results come in no order. */
export async function runTrials(trials: readonly TrialName[], run: CampaignRun): Promise<void> {
  const { threads } = run;
  const shares = Array.from({ length: threads }, (_none, thread) => trials.filter((_trial, index) => index % threads === thread));
  await Promise.all(shares.map((one) => share(one, run)));
}
