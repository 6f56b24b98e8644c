import { setTimeout as delay } from 'node:timers/promises';
import { cpuSnapshot, cpuTimeEach } from '../ingest/cpu-time.ts';

/** Processor time that a control plane with its database uses in a second in which nothing happens outside, milliseconds. */
export async function idleCostMs(pid: number, seconds: number): Promise<number> {
  const before = cpuSnapshot(pid);
  const from = performance.now();
  await delay(seconds * 1000);
  const took = (performance.now() - from) / 1000;
  const { node, postgres } = cpuTimeEach(before, cpuSnapshot(pid), 1);
  return (node + postgres) / 1000 / took;
}
