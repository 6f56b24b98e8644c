import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataMode } from '../driver.ts';
import { modelById, models } from '../models/models.ts';
import { chooseDataMode } from './choose-data-mode.ts';
import { type HostAbilities, type HostProgram, type ModeQuestion, modeObstacle } from './mode-obstacle.ts';

const programs: readonly HostProgram[] = ['ip', 'qmicli', 'mbimcli', 'pppd', 'chat', 'udhcpc'];
const modules = ['option', 'qcserial', 'qmi_wwan', 'cdc_mbim', 'cdc_ether', 'rndis_host', 'cdc_ncm', 'huawei_cdc_ncm', 'cdc_acm'];
const debian: HostAbilities = { kernel: '6.1.0-37-amd64', modules: new Set(modules), programs: new Set(programs), hasPpp: true };

function question(id: string, vidPid: string, current: DataMode | null, more: Partial<ModeQuestion> = {}): ModeQuestion {
  const model = modelById(id);
  if (!model) throw new Error(id);
  return { model, vidPid, current, host: debian, hasPppPort: true, offered: null, ...more };
}

const without = <Value>(all: readonly Value[], ...gone: readonly Value[]) => new Set(all.filter((one) => !gone.includes(one)));
const hostWithout = (...gone: readonly HostProgram[]): HostAbilities => ({ ...debian, programs: without(programs, ...gone) });

describe('the mode that auto chooses', () => {
  it.each([
    ['bg96', '2c7c:0296', 'qmi', 'qmi'],
    ['ec200a', '2c7c:6005', 'ecm', 'ecm'],
    ['ec200a', '2c7c:6005', 'rndis', 'rndis'],
    ['ec25', '2c7c:0125', 'mbim', 'mbim'],
    ['mc7455', '1199:9071', 'qmi', 'qmi'],
    ['em7565', '1199:9091', 'mbim', 'mbim'],
    ['generic-3gpp', 'ffff:ffff', null, 'ppp'],
  ] as const)('for %s (%s) in %s is %s, without a switch', (id, vidPid, current, mode) => {
    expect(chooseDataMode(question(id, vidPid, current))).toMatchObject({ ok: true, mode, switches: false });
  });

  it('is another one after a switch where the tool of its own is missing, and says so', () => {
    expect(chooseDataMode(question('ec25', '2c7c:0125', 'qmi', { host: hostWithout('qmicli') }))).toMatchObject({
      mode: 'mbim',
      switches: true,
      reason: 'mbim: the best that this host can use, after a switch (qmi: qmicli is not installed)',
    });
  });

  it('is one that the firmware lists, and says which it does not', () => {
    const host = hostWithout('qmicli');
    expect(chooseDataMode(question('ec25', '2c7c:0125', 'qmi', { host, offered: ['qmi', 'ecm'] }))).toMatchObject({
      mode: 'ecm',
      switches: true,
      reason: 'ecm: the best that this host can use, after a switch (qmi: qmicli is not installed; mbim: this firmware does not offer it)',
    });
  });

  it('is MBIM on a kernel that is too old for raw IP (field report of an MC7455), and only after PPP, since the switch may take the AT port', () => {
    const old = { ...debian, kernel: '4.4.3' };
    expect(chooseDataMode(question('mc7455', '1199:9071', 'qmi', { host: old }))).toMatchObject({ mode: 'ppp', switches: false });
    expect(chooseDataMode(question('mc7455', '1199:9071', 'qmi', { host: old, hasPppPort: false }))).toMatchObject({
      mode: 'mbim',
      switches: true,
      refused: [{ mode: 'qmi', because: 'kernel 4.4.3 has no raw IP for QMI, which came with 4.5' }, { mode: 'ppp' }],
    });
  });

  it('is PPP where the network driver is missing and nothing can be switched', () => {
    const host = { ...debian, modules: without(modules, 'qmi_wwan') };
    expect(chooseDataMode(question('bg96', '2c7c:0296', 'qmi', { host }))).toMatchObject({
      mode: 'ppp',
      reason: 'ppp: every composition of this modem has a dial port (qmi: the kernel module qmi_wwan is missing)',
    });
  });

  it('is none on a host that has nothing, with all that is missing', () => {
    const bare = { ...debian, programs: new Set<HostProgram>(), hasPpp: false };
    expect(chooseDataMode(question('bg96', '2c7c:0296', 'qmi', { host: bare }))).toEqual({
      ok: false,
      reason: 'qmi: qmicli is not installed; ppp: pppd is not installed',
      refused: [
        { mode: 'qmi', because: 'qmicli is not installed' },
        { mode: 'ppp', because: 'pppd is not installed' },
      ],
    });
  });

  it('is never one that cannot be used, for no model and no host', () => {
    const hosts = fc.record({
      kernel: fc.constantFrom('3.16.0', '4.4.3', '4.5', '4.19.75-v7+', '6.1.0', 'odd'),
      modules: fc.subarray(modules).map((some) => new Set(some)),
      programs: fc.subarray([...programs]).map((some) => new Set(some)),
      hasPpp: fc.boolean(),
    });
    const modes = fc.constantFrom<DataMode | null>('qmi', 'mbim', 'ecm', 'rndis', 'ncm', 'ppp', null);
    const lists = fc.option(fc.subarray<DataMode>(['qmi', 'mbim', 'ecm', 'rndis', 'ncm']), { nil: null });
    fc.assert(
      fc.property(fc.constantFrom(...models), hosts, modes, fc.boolean(), lists, (model, host, current, hasPppPort, offered) => {
        const asked: ModeQuestion = { model, vidPid: model.usb.ids[0]?.vidPid ?? '', current, host, hasPppPort, offered };
        const choice = chooseDataMode(asked);
        if (choice.ok) expect(modeObstacle(asked, choice.mode)).toBeNull();
        else expect(modeObstacle(asked, 'ppp')).not.toBeNull();
      }),
    );
  });
});
