import { describe, expect, it } from 'vitest';
import type { Argv, ProcessRunner } from '../ports.ts';
import { exited } from '../testing/fake-host.ts';
import { restoreAtPort } from './restore-at-port.ts';

const names = { 6: 'DM, NMEA, AT, QMI', 8: 'DM, NMEA, AT, MBIM', 9: 'MBIM' } as const;

/** A Sierra modem behind qmicli that is in one of its compositions. Composed after libqmi's printing. */
function modem(current: number, offered: readonly (keyof typeof names)[] = [6, 8, 9]) {
  const asked: Argv[] = [];
  const list = offered.map((number) => `\t${number === current ? '[*] ' : '    '}USB composition ${number}: ${names[number]}`).join('\n');
  const processes: ProcessRunner = {
    async run(argv) {
      asked.push(argv);
      return argv.at(-1) === '--dms-swi-get-usb-composition'
        ? exited(0, `[/dev/cdc-wdm0] Successfully retrieved USB compositions:\n${list}\n`)
        : exited(0, '');
    },
    start: () => {
      throw new Error('nothing lives on');
    },
  };
  return { processes, asked, options: () => asked.map((argv) => argv.at(-1)) };
}

describe('an AT port that was lost', () => {
  it('is given back by the composition that has it and the same network function, and a restart', async () => {
    const { processes, asked, options } = modem(9);
    const outcome = await restoreAtPort({ processes, controlPath: '/dev/cdc-wdm0', over: 'mbim' });
    expect(outcome).toEqual({ ok: true, value: { written: true } });
    expect(options()).toEqual([
      '--dms-swi-get-usb-composition',
      '--dms-swi-set-usb-composition=8',
      '--dms-set-operating-mode=offline',
      '--dms-set-operating-mode=reset',
    ]);
    expect(asked.every((argv) => argv.includes('--device-open-mbim') && argv.includes('-p'))).toBe(true);
  });

  it('is not written for where the composition has one: the driver is missing then', async () => {
    const { processes, options } = modem(6);
    expect(await restoreAtPort({ processes, controlPath: '/dev/cdc-wdm0', over: 'qmi' })).toEqual({ ok: true, value: { written: false } });
    expect(options()).toEqual(['--dms-swi-get-usb-composition']);
  });

  it('is given up where the modem offers none', async () => {
    const { processes, options } = modem(9, [9]);
    expect(await restoreAtPort({ processes, controlPath: '/dev/cdc-wdm0', over: 'mbim' })).toMatchObject({
      ok: false,
      failure: { code: 'mode.not-offered', evidence: ['9: MBIM'] },
    });
    expect(options()).toHaveLength(1);
  });
});
