import { cpus, loadavg } from 'node:os';
import { waitUntil } from '@towline/demo';

/** A guest emulates its processor: half of it is half as fast. Beyond this a machine is of no use. */
const most = 4;

/** How much slower than alone everything goes, by the number of processes that want to run for each processor: 1 to 4. */
export const slowness = (load: number, processors: number): number => Math.min(most, Math.max(1, load / Math.max(1, processors)));

/** Time for what takes `timeoutMs` on a machine that does nothing else. Bounds of the product are the product's own and stay as they are. */
export const patience = (timeoutMs: number): number => Math.round(timeoutMs * slowness(loadavg()[0] ?? 0, cpus().length));

/** Looks every `everyMs` until `look` gives something else than null, with the patience that the machine needs now. @throws Fault `wait.timeout` */
export function waitFor<Value>(
  what: string,
  look: () => Promise<Value | null> | Value | null,
  { timeoutMs = 60_000, everyMs = 100 }: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<Value> {
  return waitUntil(what, look, { timeoutMs: patience(timeoutMs), everyMs });
}
