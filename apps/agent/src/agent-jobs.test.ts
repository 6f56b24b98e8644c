import type { JobOrder } from '@towline/protocol';
import { describe, expect, it } from 'vitest';
import { codesOf, minutes, settledOnHost, settledWorld, stepsOf } from './testing/change-worlds.ts';
import { type DeviceFixture, ec200aEcm } from './testing/usb-trees.ts';
import { documentOf, rule, type World } from './testing/world.ts';

const firstId = '00000000-0000-4000-8000-000000000001';
const otherId = '00000000-0000-4000-8000-000000000002';
const order = (world: World, what: JobOrder, id = firstId) => world.controlPlane.order({ action: 'start', id, ttlS: 60, order: what });
const reports = ({ controlPlane }: World, id = firstId) => controlPlane.jobs().filter((job) => job.id === id);
const ending = (world: World, id = firstId) => reports(world, id).at(-1);
const modemOf = ({ controlPlane }: World) => controlPlane.states().at(-1)?.modems[0];

describe('a question to a modem', () => {
  it('comes back with the lines of its answer', async () => {
    const world = await settledWorld();
    order(world, { kind: 'ask-modem', command: 'AT+CSQ' });
    await world.clock.advance(minutes(1));
    expect(ending(world)).toMatchObject({ state: 'succeeded', result: { lines: [expect.stringMatching(/^\+CSQ: /)], complete: true } });
    await world.halt();
  });

  it.each(['AT+CGAUTH?', 'AT+QPOWD', 'AT+COPS=?'])('is not asked where it may tell a secret or does something: %s', async (command) => {
    const world = await settledWorld();
    order(world, { kind: 'ask-modem', command });
    await world.clock.advance(minutes(1));
    expect(ending(world)).toMatchObject({ state: 'failed', fault: { code: 'value.refused' } });
    expect(modemOf(world)).toMatchObject({ connection: 'verified', fault: null });
    await world.halt();
  });

  it('that the modem does not know is no trouble of the connection', async () => {
    const world = await settledWorld();
    order(world, { kind: 'ask-modem', command: 'AT+NOSUCHTHING?' });
    await world.clock.advance(minutes(2));
    expect(ending(world)).toMatchObject({ state: 'failed' });
    expect(modemOf(world)).toMatchObject({ connection: 'verified', fault: null });
    await world.halt();
  });
});

describe('a scan', () => {
  it('takes its time and names the networks', async () => {
    const world = await settledWorld();
    order(world, { kind: 'scan' });
    await world.clock.advance(20_000);
    expect(ending(world)).toMatchObject({ state: 'running' });
    await world.clock.advance(minutes(1));
    expect(ending(world)).toMatchObject({ state: 'succeeded', result: { lines: [expect.stringMatching(/^\d{5,6} current act 7 /)] } });
    expect(modemOf(world)).toMatchObject({ connection: 'verified' });
    await world.halt();
  });

  it('does not hold up an agent that is to stop', async () => {
    const world = await settledWorld();
    order(world, { kind: 'scan' });
    await world.clock.advance(5000);
    await world.halt();
  });
});

describe('what cuts the link', () => {
  it.each<JobOrder>([
    { kind: 'scan' },
    { kind: 'reset-modem' },
    { kind: 'hang-up', redialAfterS: 60 },
    { kind: 'reboot' },
    { kind: 'switch-mode', dataMode: 'rndis' },
  ])('is refused while a change is open: $kind', async (what) => {
    const world = await settledWorld({ reboot: async () => ({ ok: true }) });
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(2));
    order(world, what);
    await world.clock.advance(minutes(1));
    expect(ending(world)).toMatchObject({ state: 'rejected', fault: { code: 'job.change-open' } });
    await world.halt();
  });
});

describe('a reboot', () => {
  it('is on flash before it is begun, and has succeeded when the host has started anew; it is not done twice', async () => {
    const reboots: string[] = [];
    const world = await settledWorld({
      async reboot() {
        reboots.push((await world.store.read('jobs')) ?? 'nothing');
        return { ok: true };
      },
    });
    order(world, { kind: 'reboot' });
    await world.clock.advance(minutes(1));
    expect(reboots).toEqual([expect.stringContaining(firstId)]);
    await world.halt();
    const again = world.again({ bootId: 'boot-2' });
    await again.start();
    order(world, { kind: 'reboot' });
    await world.clock.advance(minutes(2));
    expect(ending(world)).toMatchObject({ state: 'succeeded' });
    expect(reboots).toHaveLength(1);
    await world.halt(again);
  });

  it('has failed where the process alone started anew, where the host stays, and where it is refused', async () => {
    const world = await settledWorld({ reboot: async () => ({ ok: false, reason: 'systemctl ended with 1' }) });
    order(world, { kind: 'reboot' });
    await world.clock.advance(minutes(1));
    expect(ending(world)).toMatchObject({ state: 'failed', fault: { code: 'host.reboot-refused' } });
    await world.halt();
    const patient = await settledWorld({ reboot: async () => ({ ok: true }) });
    order(patient, { kind: 'reboot' });
    await patient.clock.advance(minutes(6));
    expect(ending(patient)).toMatchObject({ state: 'failed', fault: { code: 'job.timeout' } });
    await patient.halt();
  });

  it('is not begun where the configuration names no way to it, nor on a disk that keeps nothing', async () => {
    const world = await settledWorld();
    order(world, { kind: 'reboot' });
    await world.clock.advance(minutes(1));
    expect(ending(world)).toMatchObject({ state: 'rejected', fault: { code: 'job.not-allowed' } });
    await world.halt();
    let reboots = 0;
    const worn = await settledWorld({
      async reboot() {
        reboots += 1;
        return { ok: true };
      },
    });
    worn.breakFlash(true);
    order(worn, { kind: 'reboot' });
    await worn.clock.advance(minutes(1));
    expect([reboots, ending(worn)?.state]).toEqual([0, 'failed']);
    await worn.halt();
  });
});

const ec200aRndis: DeviceFixture = {
  ...ec200aEcm,
  interfaces: ['0 e00103 rndis_host net/usb0', '1 0a0000 rndis_host', ...ec200aEcm.interfaces.slice(2)],
};

describe('a switch of the data mode', () => {
  it('is a change like any other: confirmed over the new bearer, it stays', async () => {
    const { world, usb } = await settledOnHost();
    order(world, { kind: 'switch-mode', dataMode: 'rndis' });
    await world.clock.advance(20_000);
    usb.plug();
    await world.clock.advance(20_000);
    usb.plug(ec200aRndis);
    await world.clock.advance(minutes(5));
    expect(ending(world)).toMatchObject({ state: 'succeeded', result: { dataMode: 'rndis' } });
    expect(codesOf(world)).toContain('change.committed');
    await world.clock.advance(minutes(20));
    expect(modemOf(world)).toMatchObject({ connection: 'verified', bearer: { dataMode: 'rndis' } });
    await world.halt();
  });

  it('to PPP leaves the modem in its composition, stays once it is confirmed, and is taken back by another', async () => {
    const world = await settledWorld();
    order(world, { kind: 'switch-mode', dataMode: 'ppp' });
    await world.clock.advance(minutes(2));
    expect(ending(world)).toMatchObject({ state: 'succeeded', result: { dataMode: 'ppp' } });
    await world.clock.advance(minutes(20));
    expect(modemOf(world)).toMatchObject({ connection: 'verified', bearer: { dataMode: 'ppp' } });
    order(world, { kind: 'switch-mode', dataMode: 'ecm' }, otherId);
    await world.clock.advance(minutes(5));
    expect(ending(world, otherId)).toMatchObject({ state: 'succeeded', result: { dataMode: 'ecm' } });
    expect(modemOf(world)).toMatchObject({ connection: 'verified', bearer: { dataMode: 'ecm' } });
    await world.halt();
  });

  it('that is proven and not confirmed yet goes on asking, and its job with it', async () => {
    const { world, usb } = await settledOnHost();
    world.controlPlane.confirms = false;
    order(world, { kind: 'switch-mode', dataMode: 'rndis' });
    await world.clock.advance(20_000);
    usb.plug();
    await world.clock.advance(20_000);
    usb.plug(ec200aRndis);
    await world.clock.advance(minutes(30));
    expect(ending(world)).toMatchObject({ state: 'running' });
    world.controlPlane.confirms = true;
    await world.clock.advance(minutes(10));
    expect(ending(world)).toMatchObject({ state: 'succeeded' });
    await world.halt();
  });

  it('that the modem does not keep goes back, and says why', async () => {
    const { world } = await settledOnHost();
    order(world, { kind: 'switch-mode', dataMode: 'rndis' });
    await world.clock.advance(minutes(30));
    expect(ending(world)).toMatchObject({ state: 'failed', fault: { code: 'mode.not-kept' } });
    expect(codesOf(world)).toContain('change.reverted');
    expect(modemOf(world)).toMatchObject({ connection: 'verified', bearer: { dataMode: 'ecm' } });
    await world.halt();
  });

  it('to what this modem cannot be switched to writes nothing', async () => {
    const { world } = await settledOnHost();
    order(world, { kind: 'switch-mode', dataMode: 'qmi' });
    await world.clock.advance(minutes(2));
    expect(ending(world)).toMatchObject({ state: 'failed', fault: { code: expect.stringMatching(/^mode\./) } });
    expect(stepsOf(world)).not.toContain('write-data-mode');
    await world.halt();
  });

  it('is refused where the rule says which mode', async () => {
    const { world } = await settledOnHost();
    const { profile, ...south } = rule('fleet.south');
    world.controlPlane.assign(documentOf({ ...south, profile: { ...profile, dataMode: 'ecm' } }), 2);
    await world.clock.advance(minutes(5));
    order(world, { kind: 'switch-mode', dataMode: 'rndis' });
    await world.clock.advance(minutes(1));
    expect(ending(world)).toMatchObject({ state: 'failed', fault: { code: 'job.mode-fixed' } });
    await world.halt();
  });
});
