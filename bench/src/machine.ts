import { cpus, loadavg, totalmem } from 'node:os';

/** What the figures were measured on. A load above a fraction of a core means that something else took part. */
export function describeMachine(): string {
  const processors = cpus();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  const [load = 0] = loadavg();
  return `${processors.length} cores (${processors[0]?.model ?? 'unknown'}), ${memoryGb} GB, Node ${process.version}, load before ${load.toFixed(2)}`;
}
