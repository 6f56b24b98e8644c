import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DialRequest } from '../driver.ts';
import { mbimNetworkErrors, mbimStatuses } from '../failures/mbim-failures.ts';
import { modelById } from '../models/models.ts';
import type { Argv, ProcessOutcome } from '../ports.ts';
import { fakeFiles, fakeTools, hung, missing } from '../testing/fake-host.ts';
import { fakeMbimcli } from '../testing/fake-mbimcli.ts';
import { refusalOfMbim } from './mbim-refusal.ts';
import { createMbimSession } from './mbim-session.ts';
import { mbimcliCommand } from './mbimcli-command.ts';
import { parseIpConfiguration } from './mbimcli-replies.ts';

const model = modelById('em7565');
if (!model) throw new Error('no model');
const em7565 = model;

const devnum = '/sys/class/usbmisc/cdc-wdm0/device/../devnum';
const request: DialRequest = { contextId: 1, mode: 'mbim', apn: 'fleet.north', ipType: 'ipv4v6', auth: 'none' };

function gateway(answer?: (argv: Argv) => ProcessOutcome | null) {
  const modem = fakeMbimcli();
  const tools = fakeTools((argv) => answer?.(argv) ?? modem.answer(argv));
  const files = fakeFiles({ [devnum]: '5\n' });
  const parts = {
    processes: tools,
    files,
    model: em7565,
    controlPath: '/dev/cdc-wdm0',
    netInterface: 'wwan0',
    directory: '/run/towline/1-1',
  };
  return { modem, tools, files, open: () => createMbimSession(parts), session: createMbimSession(parts) };
}

describe('an MBIM session', () => {
  it('looks at SIM, registration and attachment, and connects', async () => {
    const { session, tools } = gateway();
    expect(await session.dial(request)).toEqual({ ok: true, value: undefined });
    expect(tools.ran).toEqual([
      'mbimcli -d /dev/cdc-wdm0 --no-close --query-subscriber-ready-status',
      'mbimcli -d /dev/cdc-wdm0 --no-open=2 --no-close --query-registration-state',
      'mbimcli -d /dev/cdc-wdm0 --no-open=3 --no-close --query-packet-service-state',
      'mbimcli -d /dev/cdc-wdm0 --no-open=4 --no-close --connect=session-id=0,access-string=fleet.north,ip-type=ipv4v6',
    ]);
  });

  it('attaches a modem that is not', async () => {
    const { session, modem } = gateway();
    modem.attached = false;
    expect(await session.dial(request)).toMatchObject({ ok: true });
    expect(modem).toMatchObject({ attached: true, connected: true });
  });

  it('tells the settings that the network gave, of both kinds', async () => {
    const { session } = gateway();
    await session.dial(request);
    expect(await session.read()).toEqual({
      ok: true,
      value: {
        active: true,
        settings: {
          addressing: 'static',
          interface: 'wwan0',
          addresses: [
            { address: '10.64.9.2', prefixLength: 30, gateway: '10.64.9.1' },
            { address: '2001:db8:64::2', prefixLength: 64, gateway: 'fe80::1' },
          ],
          dns: ['192.0.2.53', '198.51.100.53', '2001:db8::53'],
          mtu: 1400,
        },
      },
    });
  });

  it('is found again by the next agent, which neither opens nor resets the function', async () => {
    const { session, modem, open } = gateway();
    await session.dial(request);
    const next = open();
    expect(await next.read()).toMatchObject({ value: { active: true } });
    expect(await next.hangUp()).toMatchObject({ ok: true });
    expect(modem).toMatchObject({ connected: false, open: false });
  });

  it('never opens a function only to look', async () => {
    const { session, tools, files } = gateway();
    expect(await session.read()).toMatchObject({ value: { active: false } });
    await session.dial(request);
    files.texts.set(devnum, '6\n');
    const commands = tools.ran.length;
    expect(await session.read()).toMatchObject({ value: { active: false } });
    expect(tools.ran).toHaveLength(commands);
  });

  it('opens afresh what was closed behind its back', async () => {
    const { session, modem } = gateway();
    await session.dial(request);
    modem.open = false;
    modem.connected = false;
    expect(await session.read()).toMatchObject({ value: { active: false } });
    expect(await session.dial(request)).toMatchObject({ ok: true });
  });

  it('outlives a reply that got lost, and goes on behind its late answers', async () => {
    let losses = 1;
    const { session, modem } = gateway((argv) => {
      if (losses === 0 || !argv.at(-1)?.startsWith('--query-connection-state')) return null;
      losses -= 1;
      return hung;
    });
    await session.dial(request);
    const before = modem.continued.at(-1) ?? 0;
    expect(await session.read()).toMatchObject({ ok: false, failure: { code: 'control.timeout' } });
    expect(await session.read()).toMatchObject({ value: { active: true } });
    expect(modem.continued.at(-2)).toBeGreaterThan(before + 2);
  });

  it('is opened afresh once a function has lost three replies in a row', async () => {
    let silent = false;
    const { session, tools } = gateway(() => (silent ? hung : null));
    await session.dial(request);
    silent = true;
    for (const _ of [1, 2, 3]) expect(await session.read()).toMatchObject({ failure: { code: 'control.timeout' } });
    silent = false;
    expect(await session.read()).toMatchObject({ value: { active: false } });
    expect(await session.dial(request)).toMatchObject({ ok: true });
    expect(tools.ran.filter((line) => !line.includes('--no-open'))).toHaveLength(2);
  });

  it('dials over a session of before, hangs up twice, and goes on from the right transaction each time', async () => {
    const { session, modem } = gateway();
    await session.dial(request);
    expect(await session.dial({ ...request, apn: 'fleet.south' })).toMatchObject({ ok: true });
    expect(modem.continued).toEqual(modem.continued.toSorted((one, other) => one - other));
    expect(await session.hangUp()).toMatchObject({ ok: true });
    expect(await session.hangUp()).toMatchObject({ ok: true });
  });

  it.each([
    ['sim-not-inserted', 'sim.absent'],
    ['device-locked', 'sim.pin-required'],
    ['not-activated', 'network.denied'],
    ['bad-sim', 'sim.failure'],
    ['not-initialized', 'sim.busy'],
  ])('does not dial with a SIM that is %s', async (readyState, code) => {
    const { session, modem } = gateway();
    modem.readyState = readyState;
    expect(await session.dial(request)).toMatchObject({ failure: { code } });
  });

  it.each([
    ['denied', 'network.denied'],
    ['searching', 'network.no-service'],
  ])('does not dial on a network that says %s', async (registerState, code) => {
    const { session, modem } = gateway();
    modem.registerState = registerState;
    expect(await session.dial(request)).toMatchObject({ failure: { code } });
  });

  it.each(['Failure', 'ServiceNotActivated'])('finds the cause of %s in the state of the connection', async (status) => {
    const { session, modem } = gateway();
    modem.refuse = status;
    modem.networkError = 'requested-service-option-not-subscribed';
    expect(await session.dial(request)).toMatchObject({ failure: { code: 'apn.not-subscribed', cause: 33 } });
  });

  it('shows no password', async () => {
    const { session, modem } = gateway();
    modem.refuse = 'InvalidUserNamePwd';
    const refused = await session.dial({ ...request, auth: 'chap', username: 'me', password: 'hush' });
    expect(refused).toMatchObject({ failure: { code: 'bearer.auth-failed' } });
    expect(JSON.stringify(refused)).not.toContain('hush');
    expect(JSON.stringify(refused)).toContain('auth=chap');
  });

  it.each([
    ['a silent modem', hung, 'control.timeout'],
    ['a tool that is not installed', missing, 'host.tool-missing'],
  ])('says what is wrong: %s', async (_what, outcome, code) => {
    const { session } = gateway(() => outcome);
    expect(await session.dial(request)).toMatchObject({ ok: false, failure: { code } });
  });
});

describe('what mbimcli says', () => {
  it.each(Object.entries(mbimStatuses))('the status %s is %s', (name, code) => {
    expect(refusalOfMbim(`error: operation failed: ${name}`)).toEqual({ code });
  });

  it.each([
    ['error: operation failed: NotRegistered', { code: 'network.no-service' }],
    ['error: operation failed: Radio power off', { code: 'modem.radio-off' }],
    ["error: couldn't open the MbimDevice: Transaction timed out", { code: 'control.timeout' }],
    ["error: couldn't open the MbimDevice: Failed to open port: No such file or directory", { code: 'control.port-closed' }],
    ["Network error: 'user-authentication-failed'", { code: 'bearer.auth-failed', cause: 29 }],
    ["Network error: 'unknown (0x00000027)'", { code: 'network.reactivation', cause: 39 }],
    ["Network error: 'none'\nerror: operation failed: Failure", { code: 'network.failure' }],
    [
      "[/dev/pts/0] Session not closed:\n\t    TRID: '19'\nerror: invalid auth protocol value given: 'x'\nerror: couldn't parse input string: unknown auth: 'x'",
      { code: 'value.refused' },
    ],
    ["error: couldn't open the MbimDevice: Operation timed out: device is closed", { code: 'control.timeout' }],
    ['anything', { code: 'control.unparsable' }],
  ])('%s', (text, refusal) => {
    expect(refusalOfMbim(text)).toEqual(refusal);
  });

  it.each(Object.entries(mbimNetworkErrors))('%s is the cause %d', (name, cause) => {
    expect(refusalOfMbim(`\t   Network error: '${name}'\n`)).toMatchObject({ cause });
  });

  it('is never more than it says', () => {
    expect(parseIpConfiguration("[/dev/cdc-wdm0] IPv4 configuration available: 'none'\n")).toEqual({ addresses: [], dns: [], mtu: null });
    fc.assert(fc.property(fc.string(), (text) => void parseIpConfiguration(text)));
  });
});

describe('a command line of mbimcli', () => {
  const turn = { transaction: null, close: true };

  it.each(['a,b', 'a"b', "a'b", 'a\nb', '\\', ''])('carries no user name %j', (username) => {
    const call = { apn: 'internet', ipType: 'ipv4', auth: 'pap', username, password: 'x' } as const;
    expect(mbimcliCommand('/dev/cdc-wdm0', { kind: 'connect', call }, turn)).toMatchObject({ failure: { code: 'value.refused' } });
  });

  it('never lets a value become another key', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (apn, username, password) => {
        const call = { apn, ipType: 'ipv4', auth: 'pap', username, password } as const;
        const command = mbimcliCommand('/dev/cdc-wdm0', { kind: 'connect', call }, turn);
        return !command.ok || command.value.argv.at(-1)?.split(',').length === 6;
      }),
    );
  });
});
