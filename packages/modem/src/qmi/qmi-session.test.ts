import { describe, expect, it } from 'vitest';
import type { DialRequest } from '../driver.ts';
import { modelById } from '../models/models.ts';
import type { Argv, ProcessOutcome } from '../ports.ts';
import { exited, fakeFiles, fakeTools, hung, missing } from '../testing/fake-host.ts';
import { fakeQmicli } from '../testing/fake-qmicli.ts';
import { createQmiSession } from './qmi-session.ts';

const model = modelById('mc7455');
if (!model) throw new Error('no model');

const rawIp = '/sys/class/net/wwan0/qmi/raw_ip';
const devnum = '/sys/class/usbmisc/cdc-wdm0/device/../devnum';
const request: DialRequest = { contextId: 1, mode: 'qmi', apn: 'fleet.north', ipType: 'ipv4', auth: 'none' };

function gateway(answer?: (argv: Argv) => ProcessOutcome | null) {
  const modem = fakeQmicli();
  const tools = fakeTools((argv) => answer?.(argv) ?? modem.answer(argv));
  const files = fakeFiles({ [rawIp]: 'N\n', [devnum]: '5\n' });
  const open = () =>
    createQmiSession({
      processes: tools,
      files,
      model: model ?? fail(),
      controlPath: '/dev/cdc-wdm0',
      netInterface: 'wwan0',
      directory: '/run/towline/1-1',
    });
  return { modem, tools, files, open, session: open() };
}

function fail(): never {
  throw new Error('unreachable');
}

const actionsOf = (ran: readonly string[]) => ran.map((line) => (line.startsWith('qmicli') ? (line.split(' ').at(-1) ?? '') : line));

describe('a QMI session', () => {
  it('clears what is stale, brings modem and kernel to raw IP, and starts', async () => {
    const { session, tools, files } = gateway();
    expect(await session.dial(request)).toEqual({ ok: true, value: undefined });
    expect(actionsOf(tools.ran)).toEqual([
      '--wds-stop-network=disable-autoconnect',
      '--wda-get-data-format',
      'ip link set dev wwan0 down',
      'ip link set dev wwan0 up',
      '--wds-start-network=apn=fleet.north,3gpp-profile=1,ip-type=4',
    ]);
    expect(tools.ran[0]).toContain('--device-open-sync');
    expect(files.texts.get(rawIp)).toBe('Y');
  });

  it('tells the settings that the network gave', async () => {
    const { session } = gateway();
    await session.dial(request);
    expect(await session.read()).toEqual({
      ok: true,
      value: {
        active: true,
        settings: {
          addressing: 'static',
          interface: 'wwan0',
          addresses: [{ address: '10.64.9.2', prefixLength: 30, gateway: '10.64.9.1' }],
          dns: ['192.0.2.53', '198.51.100.53'],
          mtu: 1430,
        },
      },
    });
  });

  it('makes a call for each IP family, with the smaller of their MTUs', async () => {
    const { session, modem } = gateway();
    await session.dial({ ...request, ipType: 'ipv4v6' });
    expect(modem.clients).toHaveLength(2);
    const state = await session.read();
    expect(state).toMatchObject({
      value: { settings: { mtu: 1400, addresses: [{ address: '10.64.9.2' }, { address: '2001:db8:64::2', prefixLength: 64 }] } },
    });
  });

  it('is content with one family where the network gives only one, and leaks no client id for the other', async () => {
    const { session, modem } = gateway();
    modem.refuse = (family) =>
      family === '6'
        ? "QMI protocol error (14): 'CallFailed'\ncall end reason (1): generic-unspecified\nverbose call end reason (6,50): [3gpp] ipv4-only-allowed"
        : null;
    expect(await session.dial({ ...request, ipType: 'ipv4v6' })).toMatchObject({ ok: true });
    expect(modem.clients).toHaveLength(1);
    expect(await session.read()).toMatchObject({ value: { active: true } });
  });

  it('says why the network refused, and leaves no client id behind', async () => {
    const { session, modem } = gateway();
    modem.refuse = () =>
      "QMI protocol error (14): 'CallFailed'\ncall end reason (1018): gsm-wcdma-option-unsubscribed\nverbose call end reason (6,33): [3gpp] option-unsubscribed";
    const refused = await session.dial({ ...request, ipType: 'ipv4v6' });
    expect(refused).toMatchObject({ ok: false, failure: { code: 'apn.not-subscribed', cause: 33 } });
    expect(modem.clients).toHaveLength(0);
    expect(await session.read()).toMatchObject({ value: { active: false, settings: { addressing: 'none' } } });
  });

  it('hangs up with the client id that holds the call, and once more without harm', async () => {
    const { session, modem, tools } = gateway();
    await session.dial(request);
    expect(await session.hangUp()).toMatchObject({ ok: true });
    expect(modem.clients).toHaveLength(0);
    const commands = tools.ran.length;
    expect(await session.hangUp()).toMatchObject({ ok: true });
    expect(tools.ran).toHaveLength(commands);
  });

  it('is found again by the next agent, which can end it', async () => {
    const { session, modem, open } = gateway();
    await session.dial(request);
    const next = open();
    expect(await next.read()).toMatchObject({ value: { active: true } });
    expect(await next.hangUp()).toMatchObject({ ok: true });
    expect(modem.clients).toHaveLength(0);
  });

  it('is not looked for in a modem that was plugged in anew', async () => {
    const { session, files, tools } = gateway();
    await session.dial(request);
    files.texts.set(devnum, '6\n');
    const commands = tools.ran.length;
    expect(await session.read()).toMatchObject({ value: { active: false } });
    expect(tools.ran).toHaveLength(commands);
  });

  it('is found also while the number of its attachment cannot be read', async () => {
    const { session, files, open } = gateway();
    await session.dial(request);
    files.texts.delete(devnum);
    expect(await session.read()).toMatchObject({ value: { active: true } });
    expect(await open().read()).toMatchObject({ value: { active: true } });
  });

  it('is down once the network ended it, and the next dial releases its client id', async () => {
    const { session, modem } = gateway();
    await session.dial(request);
    modem.drop('4');
    expect(await session.read()).toMatchObject({ value: { active: false } });
    await session.dial(request);
    expect(modem.clients).toHaveLength(1);
  });

  it('starts the port afresh, once, when somebody else holds the interface', async () => {
    const { session, modem, tools } = gateway();
    let refusals = 1;
    modem.refuse = () => {
      refusals -= 1;
      return refusals >= 0
        ? "QMI protocol error (14): 'CallFailed'\ncall end reason (1): generic-unspecified\nverbose call end reason (2,236): [internal] call-already-present"
        : null;
    };
    expect(await session.dial(request)).toMatchObject({ ok: true });
    expect(tools.ran.filter((line) => line.includes('--device-open-sync'))).toHaveLength(2);
  });

  it('starts on a port whose firmware knows no sync', async () => {
    const { session, tools } = gateway((argv) =>
      argv.includes('--device-open-sync')
        ? exited(1, '', "error: couldn't open the QmiDevice: QMI protocol error (71): 'InvalidQmiCommand'\n")
        : null,
    );
    expect(await session.dial(request)).toMatchObject({ ok: true });
    expect(actionsOf(tools.ran).slice(0, 2)).toEqual(['--wds-stop-network=disable-autoconnect', '--wds-stop-network=disable-autoconnect']);
  });

  it('twenty dials and hang-ups later holds no client id', async () => {
    const { session, modem } = gateway();
    for (let round = 0; round < 20; round += 1) {
      await session.dial({ ...request, ipType: 'ipv4v6' });
      if (round % 3 === 0) modem.drop('4');
      if (round % 2 === 0) await session.hangUp();
    }
    await session.hangUp();
    expect(modem.clients).toHaveLength(0);
  });
});

describe('a QMI session that cannot be', () => {
  it('ends a call that refuses to end by its handle with every client id', async () => {
    const { session, modem, tools } = gateway((argv) =>
      /--wds-stop-network=\d/.test(argv.at(-1) ?? '')
        ? exited(1, '', "error: couldn't stop network: QMI protocol error (3): 'Internal'\n")
        : null,
    );
    await session.dial(request);
    expect(await session.hangUp()).toEqual({ ok: true, value: undefined });
    expect(tools.ran.at(-1)).toContain('--device-open-sync');
    expect(modem.clients).toHaveLength(0);
  });

  it('starts the port afresh after a dial that was killed, so that no client id stays behind', async () => {
    let kills = 1;
    const { session, modem, tools } = gateway((argv) => {
      if (kills === 0 || !argv.at(-1)?.startsWith('--wds-start-network')) return null;
      kills -= 1;
      modem.answer(argv);
      return hung;
    });
    expect(await session.dial(request)).toMatchObject({ ok: false, failure: { code: 'control.timeout' } });
    expect(modem.clients).toHaveLength(1);
    const before = tools.ran.length;
    expect(await session.dial(request)).toMatchObject({ ok: true });
    expect(tools.ran[before]).toContain('--device-open-sync');
    expect(modem.clients).toHaveLength(1);
  });

  it('asks again for the end of a call whose end nothing brought about, and tells of it until then', async () => {
    let stuck = false;
    const internal = exited(1, '', "error: couldn't stop network: QMI protocol error (3): 'Internal'\n");
    const { session, modem } = gateway((argv) => {
      const end = argv.at(-1) ?? '';
      if (!stuck || !end.startsWith('--wds-stop-network')) return null;
      return end.endsWith('disable-autoconnect') ? hung : internal;
    });
    await session.dial(request);
    stuck = true;
    expect(await session.hangUp()).toMatchObject({ ok: false });
    expect(await session.read()).toMatchObject({ value: { active: true } });
    stuck = false;
    expect(await session.hangUp()).toMatchObject({ ok: true });
    expect(modem.clients).toHaveLength(0);
  });

  it('lets one family stand where the dial of the other was killed, and frees its client id with the next hang-up', async () => {
    const { session, modem } = gateway((argv) => {
      if (!argv.at(-1)?.includes('ip-type=6')) return null;
      modem.answer(argv);
      return hung;
    });
    expect(await session.dial({ ...request, ipType: 'ipv4v6' })).toMatchObject({ ok: true });
    expect(await session.read()).toMatchObject({ value: { active: true } });
    expect(modem.clients).toHaveLength(2);
    expect(await session.hangUp()).toMatchObject({ ok: true });
    expect(modem.clients).toHaveLength(0);
  });

  it.each([
    ['a silent modem', () => hung, 'control.timeout'],
    [
      'a silent modem, told by the tool',
      () =>
        exited(
          1,
          '',
          "error: couldn't create client for the 'wds' service: CID allocation failed in the CTL client: Transaction timed out\n",
        ),
      'control.timeout',
    ],
    [
      'a modem that went away',
      () => exited(1, '', "error: couldn't open the QmiDevice: Cannot open device file '/dev/cdc-wdm0': No such file or directory\n"),
      'control.port-closed',
    ],
    ['a tool that is not installed', () => missing, 'host.tool-missing'],
    [
      'a host without memory, which needs no person',
      (): ProcessOutcome => ({ ...missing, end: { kind: 'not-started', reason: 'ENOMEM' } }),
      'control.timeout',
    ],
  ])('says so: %s', async (_what, answer, code) => {
    const { session } = gateway((argv) => (argv[0] === 'qmicli' ? answer() : null));
    expect(await session.dial(request)).toMatchObject({ ok: false, failure: { code } });
  });

  it('says that the kernel is too old for a modem that speaks raw IP only', async () => {
    const { session, modem, files } = gateway();
    files.texts.delete(rawIp);
    modem.stubborn = true;
    expect(await session.dial(request)).toMatchObject({ failure: { code: 'host.no-raw-ip' } });
  });

  it('says that the kernel took no raw IP', async () => {
    const { session, files, tools } = gateway();
    files.readOnly.add(rawIp);
    expect(await session.dial(request)).toMatchObject({ failure: { code: 'host.not-permitted' } });
    // And leaves the interface as it was.
    expect(tools.ran.at(-1)).toBe('ip link set dev wwan0 up');
  });
});
