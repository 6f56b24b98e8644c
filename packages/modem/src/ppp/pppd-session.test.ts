import { manualClock } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import type { DialRequest } from '../driver.ts';
import type { ModemFailure } from '../failure.ts';
import { modelById } from '../models/models.ts';
import { exited, type FakeProcess, fakeFiles, fakeTools } from '../testing/fake-host.ts';
import { createPppdSession } from './pppd-session.ts';

const model = modelById('bg96');
if (!model) throw new Error('no model');
const bg96 = model;

const request: DialRequest = {
  contextId: 1,
  mode: 'ppp',
  apn: 'fleet.north',
  ipType: 'ipv4',
  auth: 'pap',
  username: 'me',
  password: 'hush',
};

/** @param knows options for scripts that this pppd knows: 2.4.9 has none of them. */
function gateway(texts: Readonly<Record<string, string>> = {}, knows: readonly string[] = []) {
  const clock = manualClock();
  const tools = fakeTools((argv) => exited(argv.at(-1) === 'dryrun' && !knows.some((option) => argv.includes(option)) ? 2 : 0));
  const files = fakeFiles({ '/sys/class/net/ppp0/mtu': '1400\n', ...texts });
  const session = createPppdSession({
    processes: tools,
    files,
    clock,
    model: bg96,
    pppPath: '/dev/ttyUSB3',
    directory: '/run/towline/1-1',
  });
  return { clock, tools, files, session };
}

/** Lets the session come to where it waits for pppd. */
async function started(tools: { readonly started: readonly FakeProcess[] }, count = 1): Promise<FakeProcess> {
  for (let turn = 0; turn < 200; turn += 1) {
    const latest = tools.started[count - 1];
    if (latest) return latest;
    await Promise.resolve();
  }
  throw new Error('pppd was not started');
}

function comeUp(pppd: FakeProcess): void {
  for (const line of [
    'Using interface ppp0',
    'remote IP address 10.64.64.65',
    'primary   DNS address 192.0.2.53',
    'local  IP address 10.64.64.64',
  ])
    pppd.say(line);
}

async function dialled(world: ReturnType<typeof gateway>): Promise<FakeProcess> {
  const dialling = world.session.dial(request);
  const pppd = await started(world.tools);
  // Whoever waits for the link has to be listening by now.
  await world.clock.advance(0);
  comeUp(pppd);
  expect(await dialling).toEqual({ ok: true, value: undefined });
  return pppd;
}

const killsOf = ({ tools }: ReturnType<typeof gateway>) => tools.ran.filter((line) => line.startsWith('kill '));

describe('a pppd session', () => {
  it('runs pppd on the dial port, and tells what it negotiated', async () => {
    const world = gateway();
    const pppd = await dialled(world);
    expect(pppd.argv).toEqual(['pppd', '/dev/ttyUSB3', 'file', '/run/towline/1-1/ppp-options']);
    expect(await world.session.read()).toEqual({
      ok: true,
      value: {
        active: true,
        settings: {
          addressing: 'ppp',
          interface: 'ppp0',
          addresses: [{ address: '10.64.64.64', prefixLength: 32, gateway: '10.64.64.65' }],
          dns: ['192.0.2.53'],
          mtu: 1400,
        },
      },
    });
  });

  it.each([
    ['2.4.9', []],
    ['2.5.0', ['ipv6-up-script', 'ipv6-down-script']],
    ['2.5.2', ['ip-pre-up-script', 'ipv6-up-script', 'ipv6-down-script']],
  ])('turns off those scripts of the host that pppd %s lets itself be told of', async (_version, knows) => {
    const world = gateway({}, knows);
    const dialling = world.session.dial(request);
    const pppd = await started(world.tools);
    await world.clock.advance(0);
    const options = world.files.texts.get('/run/towline/1-1/ppp-options')?.split('\n') ?? [];
    const told = options.filter((line) => /^ip(v6)?-(pre-)?(up|down)-script \/bin\/true$/.test(line)).map((line) => line.split(' ')[0]);
    expect(told.toSorted()).toEqual(['ip-up-script', 'ip-down-script', ...knows].toSorted());
    comeUp(pppd);
    await dialling;
  });

  it('leaves no password in any file or command line once it is up', async () => {
    const world = gateway();
    await dialled(world);
    expect([...world.files.texts.values(), ...world.tools.ran].join('\n')).not.toContain('hush');
  });

  it('tells of its interface while it still negotiates, once', async () => {
    const world = gateway();
    const made: string[] = [];
    world.session.onInterface((name) => made.push(name));
    const dialling = world.session.dial(request);
    const pppd = await started(world.tools);
    await world.clock.advance(0);
    pppd.say('Using interface ppp0');
    expect(made).toEqual(['ppp0']);
    comeUp(pppd);
    await dialling;
    expect(made).toEqual(['ppp0']);
  });

  it('asks pppd to end, with five seconds of patience', async () => {
    const world = gateway();
    const pppd = await dialled(world);
    expect(await world.session.hangUp()).toMatchObject({ ok: true });
    expect(pppd.stoppedWith()).toBe(5_000);
    expect(await world.session.read()).toMatchObject({ value: { active: false, settings: { addressing: 'none', interface: null } } });
    expect(await world.session.hangUp()).toMatchObject({ ok: true });
  });

  it('tells a call that ended by itself, with the reason, and not one that we ended', async () => {
    const world = gateway();
    const drops: ModemFailure[] = [];
    world.session.onDrop((failure) => drops.push(failure));
    const pppd = await dialled(world);
    pppd.say('Modem hangup');
    pppd.end({ kind: 'exited', code: 16 });
    expect(drops).toEqual([{ code: 'bearer.no-carrier', evidence: expect.arrayContaining(['Modem hangup', 'pppd ended with 16']) }]);
    expect(await world.session.read()).toMatchObject({ value: { active: false } });
    const again = world.session.dial(request);
    const second = await started(world.tools, 2);
    await world.clock.advance(0);
    comeUp(second);
    await again;
    await world.session.hangUp();
    expect(drops).toHaveLength(1);
  });

  it('counts as down, and is told once, from the moment pppd gives the peer up, though it still runs its disconnect script', async () => {
    const world = gateway();
    const drops: ModemFailure[] = [];
    world.session.onDrop((failure) => drops.push(failure));
    const pppd = await dialled(world);
    pppd.say('No response to 4 echo-requests');
    expect(await world.session.read()).toMatchObject({ value: { active: false } });
    pppd.say('Connection terminated.');
    pppd.end({ kind: 'exited', code: 15 });
    expect(drops.map(({ code }) => code)).toEqual(['ppp.peer-dead']);
  });

  it.each([
    [10, 'LCP: timeout sending Config-Requests', 'ppp.peer-silent'],
    [19, 'PAP authentication failed', 'bearer.auth-failed'],
    [8, 'Failed (NO CARRIER)', 'bearer.no-carrier'],
    [4, "Couldn't open the /dev/ppp device", 'host.no-ppp'],
  ])('says why it did not come up: %d, %s', async (code, line, failure) => {
    const world = gateway();
    const dialling = world.session.dial(request);
    const pppd = await started(world.tools);
    await world.clock.advance(0);
    pppd.say('sent [LCP ConfReq id=0x1]');
    pppd.say(line);
    pppd.end({ kind: 'exited', code });
    expect(await dialling).toEqual({ ok: false, failure: { code: failure, evidence: [line, `pppd ended with ${code}`] } });
  });

  it('gives up on a pppd that never ends by itself', async () => {
    const world = gateway();
    const dialling = world.session.dial(request);
    const pppd = await started(world.tools);
    await world.clock.advance((bg96.bounds.dial + 90) * 1000);
    expect(await dialling).toMatchObject({ failure: { code: 'ppp.negotiation-failed' } });
    expect(pppd.stoppedWith()).toBe(5_000);
  });

  it('ends the pppd of an agent before it, patiently, and then not', async () => {
    const world = gateway({
      '/run/ppp-towline-1-1.pid': '4711\nppp0\n',
      '/proc/4711/cmdline': 'pppd\0/dev/ttyUSB3\0file\0/run/towline/1-1/ppp-options\0',
    });
    const dialling = world.session.dial(request);
    await world.clock.advance(6_000);
    comeUp(await started(world.tools));
    expect(await dialling).toMatchObject({ ok: true });
    expect(killsOf(world)).toEqual(['kill -TERM 4711', 'kill -KILL 4711']);
  });

  it('leaves a stranger alone who has that number now', async () => {
    const world = gateway({ '/run/ppp-towline-1-1.pid': '4711\n', '/proc/4711/cmdline': 'postgres\0' });
    await dialled(world);
    expect(killsOf(world)).toEqual([]);
  });
});
