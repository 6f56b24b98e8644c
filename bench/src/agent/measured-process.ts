import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Fault } from '@towline/kit';

const startTimeoutMs = 30_000;

/** A process that has said the awaited line. */
export interface MeasuredProcess {
  readonly pid: number;
  /** From the spawn to that line. */
  readonly readyMs: number;
  end(): Promise<void>;
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

/**
 * Runs this Node with `words` until a line on its standard output contains `awaited`.
 * @throws Fault `bench.not-ready` with the last line it said
 */
export async function startMeasured(words: readonly string[], awaited: string): Promise<MeasuredProcess> {
  const from = performance.now();
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const timer = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs);
  let last = 'nothing';
  const readyMs = await new Promise<number>((resolve, reject) => {
    // Read on for ever: a full pipe would stop the process.
    lines.on('line', (line) => {
      last = line;
      if (line.includes(awaited)) resolve(performance.now() - from);
    });
    child.once('exit', () => reject(new Fault('bench.not-ready', `ended before it said ${awaited}; its last words: ${last}`)));
  });
  clearTimeout(timer);
  return { pid: child.pid ?? 0, readyMs, end: () => endOf(child) };
}
