import { manualClock } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { fakeHost } from '../testing/fake-host.ts';
import { loadRebootBudget } from './reboot-budget.ts';
import { type HostRungStep, Recovery } from './recovery.ts';

const reboot: HostRungStep = { kind: 'reboot-host', because: 'modem.absent', cutsLink: true, changesDialling: false };

async function recovery(takes: { readonly journal: boolean; readonly command: boolean }) {
  const clock = manualClock();
  const done: string[] = [];
  const host = fakeHost();
  const reboots = await loadRebootBudget({
    terms: { perDay: 1, afterS: 600, command: ['/opt/reboot'] },
    document: { load: async () => null, save: async () => true },
    hostFacts: { bootId: 'boot-1', boardSerial: null, uptimeS: () => clock.monotonicMs() / 1_000 },
    clock,
    heardMs: () => 0,
  });
  const processes = {
    ...host.processes,
    run: async (argv: readonly string[]) => {
      done.push(argv.join(' '));
      return { end: { kind: 'exited', code: takes.command ? 0 : 1 }, stdout: '', stderr: '' } as const;
    },
  };
  const declareReboot = async (declared: boolean) => {
    done.push(declared ? 'declared' : 'taken back');
    return takes.journal;
  };
  await clock.advance(3_600_000);
  const settled = async () => void done.push('told');
  return { one: new Recovery({ clock, host: { ...host, processes }, powerCommand: null, reboots, declareReboot, settled }), done };
}

describe('a restart of the host as a rung of the ladder', () => {
  it('is declared to every open change before it is ordered', async () => {
    const { one, done } = await recovery({ journal: true, command: true });
    expect(await one.carryOut(reboot)).toEqual({ ok: true });
    expect(done).toEqual(['told', 'declared', '/opt/reboot']);
  });

  it('is not ordered where the journal does not take that', async () => {
    const { one, done } = await recovery({ journal: false, command: true });
    expect(await one.carryOut(reboot)).toMatchObject({ ok: false, failure: { code: 'host.not-permitted' } });
    expect(done).toEqual(['told', 'declared']);
  });

  it('that does not come is taken back', async () => {
    const { one, done } = await recovery({ journal: true, command: false });
    expect(await one.carryOut(reboot)).toMatchObject({ ok: false });
    expect(done).toEqual(['told', 'declared', '/opt/reboot', 'taken back']);
  });
});
