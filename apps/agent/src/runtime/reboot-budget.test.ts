import { manualClock } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { loadRebootBudget } from './reboot-budget.ts';
import type { HostReboot } from './stored-schemas.ts';

const hours = (count: number) => count * 3_600;

/** A host that can be restarted: what its flash holds stays, its uptime begins anew. */
function host(perDay = 1) {
  const clock = manualClock();
  let kept: HostReboot | null = null;
  let boot = 1;
  let bootedMs = 0;
  let broken = false;
  const document = {
    load: async () => kept,
    async save(value: HostReboot) {
      if (broken) return false;
      kept = value;
      return true;
    },
  };
  const uptimeS = () => (clock.monotonicMs() - bootedMs) / 1_000;
  const terms = { perDay, afterS: 3_600, command: ['/bin/reboot'] satisfies [string] };
  return {
    clock,
    document,
    breakFlash: () => void (broken = true),
    restart: () => {
      boot += 1;
      bootedMs = clock.monotonicMs();
    },
    budget: (heardMs = () => 0, allowed = true) =>
      loadRebootBudget({
        terms: allowed ? terms : null,
        document,
        hostFacts: { bootId: `boot-${boot}`, boardSerial: null, uptimeS },
        clock,
        heardMs,
      }),
  };
}

describe('how often the agent may restart its host', () => {
  it('is never without leave', async () => {
    const { budget, clock } = host();
    const none = await budget(() => 0, false);
    await clock.advance(hours(9) * 1_000);
    expect(await none.take()).toBeNull();
  });

  it('is only once nothing was heard from the control plane for its time', async () => {
    const { budget, clock } = host();
    let heardMs = 0;
    const one = await budget(() => heardMs);
    await clock.advance(hours(0.9) * 1_000);
    expect(one.isDue()).toBe(false);
    heardMs = clock.monotonicMs();
    await clock.advance(hours(0.9) * 1_000);
    expect(one.isDue()).toBe(false);
    await clock.advance(hours(0.2) * 1_000);
    expect(one.isDue()).toBe(true);
  });

  it('is once in a day of uptime, over restarts of host and agent', async () => {
    const { budget, clock, restart } = host();
    await clock.advance(hours(2) * 1_000);
    const first = await budget();
    await clock.advance(hours(2) * 1_000);
    expect(await first.take()).not.toBeNull();
    expect(first.isDue()).toBe(false);
    restart();
    const second = await budget();
    await clock.advance(hours(23) * 1_000);
    expect(await second.take()).toBeNull();
    await clock.advance(hours(1) * 1_000);
    expect(await second.take()).not.toBeNull();
  });

  it('counts an attempt that did not restart the host', async () => {
    const { budget, clock } = host(2);
    const one = await budget();
    await clock.advance(hours(2) * 1_000);
    expect(await one.take()).not.toBeNull();
    await clock.advance(hours(11) * 1_000);
    expect(await (await budget()).take()).toBeNull();
    await clock.advance(hours(1) * 1_000);
    expect(one.isDue()).toBe(true);
  });

  it('is none that flash cannot note first', async () => {
    const { budget, clock, breakFlash } = host();
    const one = await budget();
    await clock.advance(hours(2) * 1_000);
    breakFlash();
    expect(await one.take()).toBeNull();
  });
});
