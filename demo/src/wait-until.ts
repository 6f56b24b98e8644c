import { Fault } from '@towline/kit';

/** Looks every `everyMs` until `look` gives something else than null. @throws Fault `wait.timeout` naming what did not come. */
export async function waitUntil<Value>(
  what: string,
  look: () => Promise<Value | null> | Value | null,
  { timeoutMs = 60_000, everyMs = 100 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<Value> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== null) return value;
    if (performance.now() > deadline) throw new Fault('wait.timeout', `waited ${timeoutMs / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
