import { simulatedSim } from '@towline/simulator';
import { describe, expect, it } from 'vitest';
import { createWorld, documentOf, iccid, imsi, rule, type World, type WorldOptions } from './testing/world.ts';

const seconds = (count: number) => count * 1_000;
const minutes = (count: number) => seconds(count * 60);
const hours = (count: number) => minutes(count * 60);
const connectionOf = ({ agent }: World) => agent.views()[0]?.decision.connection;
const lastState = ({ controlPlane }: World) => controlPlane.states().at(-1);
const eventCodes = ({ controlPlane }: World) => controlPlane.events().flatMap(({ events }) => events.map(({ code }) => code));
const stepsOf = ({ logged }: World) =>
  logged.flatMap(({ event, fields }) => (event === 'modem.step' && 'step' in fields ? [String(fields.step)] : []));
const jobStates = ({ controlPlane }: World, id: string) =>
  controlPlane
    .jobs()
    .filter((job) => job.id === id)
    .map(({ state }) => state);
const jobId = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`;

async function brought(apn: string, options: WorldOptions = {}): Promise<World> {
  const world = createWorld(options);
  world.controlPlane.assign(documentOf(rule(apn)), 1);
  await world.agent.start();
  await world.clock.advance(minutes(4));
  return world;
}

describe('an agent in front of a simulated modem', () => {
  it('enrols, takes its target, dials, verifies and says so', async () => {
    const world = await brought('fleet.south');
    expect(lastState(world)).toMatchObject({
      target: { version: { epoch: 1, number: 1 }, status: 'applied' },
      modems: [
        { model: 'ec200a', connection: 'verified', bearer: { requestedApn: 'fleet.south' }, profileRef: 'fleet.south@1', fault: null },
      ],
    });
    expect(world.controlPlane.enrolments).toHaveLength(1);
    await world.halt();
  });

  it.each(['bg96', 'ec200u', 'ec25', 'rm520n-gl', 'mc7455', 'em7455', 'em7565', 'sim7600', 'le910c4', 'me909'])(
    'brings up a %s',
    async (model) => {
      const world = createWorld({ model });
      world.controlPlane.assign(documentOf(rule('fleet.south')), 1);
      await world.agent.start();
      await world.clock.advance(minutes(20));
      expect(lastState(world)?.modems[0], JSON.stringify(world.logged.slice(-20))).toMatchObject({
        model,
        connection: 'verified',
        fault: null,
      });
      await world.halt();
    },
  );

  it('reports an APN that is not subscribed with the lines of the modem, and dials at once when the right one comes', async () => {
    const world = await brought('fleet.other');
    expect(lastState(world)).toMatchObject({ target: { status: 'failed' }, modems: [{ fault: { code: 'apn.not-subscribed' } }] });
    expect(lastState(world)?.modems[0]?.fault?.evidence.join('\n')).toMatch(/33/);
    expect(eventCodes(world)).toContain('apn.not-subscribed');
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(1));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'applied' },
      modems: [{ connection: 'verified', fault: null }],
    });
    await world.halt();
  });

  it('does not hammer a network that refuses the APN: the next try comes ten minutes later at the earliest', async () => {
    const world = await brought('fleet.other');
    const refusals = () => world.logged.filter(({ fields }) => 'code' in fields && fields.code === 'apn.not-subscribed').length;
    const before = refusals();
    await world.clock.advance(minutes(5));
    expect(refusals()).toBe(before);
    await world.clock.advance(minutes(12));
    expect(refusals()).toBeGreaterThan(before);
    expect(stepsOf(world)).not.toContain('reset-modem');
    await world.halt();
  });

  it('leaves a link alone whose new target resolves to what is up', async () => {
    const world = await brought('fleet.south');
    const before = stepsOf(world).length;
    world.controlPlane.assign(documentOf(rule('fleet.south', { name: 'renamed', profileRef: 'fleet.south@2' })), 2);
    await world.clock.advance(minutes(3));
    expect(stepsOf(world).slice(before)).toEqual([]);
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'applied' },
      modems: [{ profileRef: 'fleet.south@2' }],
    });
    await world.halt();
  });

  it('adopts a link that a restarted process finds up', async () => {
    const world = await brought('fleet.south');
    await world.halt();
    const before = stepsOf(world).length;
    const again = world.again();
    await again.start();
    await world.clock.advance(minutes(2));
    expect(again.views()[0]?.decision.connection).toBe('verified');
    expect(stepsOf(world).slice(before)).toEqual([]);
    await world.halt(again);
  });

  it('redials when the network lets the bearer go', async () => {
    const world = await brought('fleet.south');
    world.network.release(imsi);
    await world.clock.advance(minutes(3));
    expect(connectionOf(world)).toBe('verified');
    expect(eventCodes(world)).toEqual(expect.arrayContaining(['bearer.down', 'bearer.up']));
    await world.halt();
  });

  it('never resets a modem whose registration is denied', async () => {
    const world = await brought('fleet.south');
    world.network.deny(imsi);
    await world.clock.advance(hours(2));
    expect(stepsOf(world)).not.toContain('reset-modem');
    expect(lastState(world)?.modems[0]?.fault?.code).toBe('network.denied');
    world.network.allow(imsi);
    await world.clock.advance(minutes(15));
    expect(connectionOf(world)).toBe('verified');
    await world.halt();
  });

  it('comes back after the modem was unplugged', async () => {
    const world = await brought('fleet.south');
    world.modem.unplug();
    await world.clock.advance(minutes(2));
    expect(connectionOf(world)).toBe('absent');
    world.modem.plugIn();
    await world.clock.advance(minutes(6));
    expect(connectionOf(world), JSON.stringify(world.logged.slice(-20))).toBe('verified');
    await world.halt();
  });
});

describe('rules that look at more than the operator', () => {
  it('tell the brands of one operator apart by what the SIM holds, and firmwares by their revision', async () => {
    const world = createWorld({ sim: simulatedSim({ iccid, imsi, gid1: '0A12FF' }) });
    const brand = rule('fleet.south', { name: 'brand', when: { gid1Prefix: ['0A12'], firmwarePrefix: ['EC200A'] } });
    world.controlPlane.assign(documentOf(rule('fleet.other', { name: 'stranger', when: { gid1Prefix: ['0A13'] } }), brand), 1);
    await world.agent.start();
    await world.clock.advance(minutes(6));
    const [modem] = lastState(world)?.modems ?? [];
    expect(modem).toMatchObject({ connection: 'verified', rule: 'brand', sim: { gid1: '0A12' } });
    await world.halt();
  });
});

describe('a locked SIM', () => {
  const locked = (pin: string) => simulatedSim({ iccid, imsi, pin });

  it('is opened with the PIN of a rule that names it', async () => {
    const world = createWorld({ sim: locked('2580'), start: 'cold' });
    world.controlPlane.assign(documentOf(rule('fleet.south', { when: { iccidPrefix: [iccid] }, pin: '2580' })), 1);
    await world.agent.start();
    await world.clock.advance(minutes(6));
    expect(connectionOf(world), JSON.stringify(world.logged.slice(-20))).toBe('verified');
    await world.halt();
  });

  it('gets a wrong PIN once, and never again: not after a restart of the process either', async () => {
    const sim = locked('2580');
    const world = createWorld({ sim, start: 'cold' });
    world.controlPlane.assign(documentOf(rule('fleet.south', { level: 'device', pin: '1111' })), 1);
    await world.agent.start();
    await world.clock.advance(hours(3));
    expect(sim.wrongTries()).toBe(1);
    await world.halt();
    const again = world.again();
    await again.start();
    await world.clock.advance(hours(3));
    expect(sim.wrongTries()).toBe(1);
    expect(lastState(world)?.modems[0]).toMatchObject({ connection: 'needs-person' });
    await world.halt(again);
  });

  it('is not opened with a PIN of the whole fleet', async () => {
    const sim = locked('2580');
    const world = createWorld({ sim, start: 'cold' });
    world.controlPlane.assign(documentOf(rule('fleet.south', { pin: '1111' })), 1);
    await world.agent.start();
    await world.clock.advance(hours(1));
    expect(sim.wrongTries()).toBe(0);
    expect(lastState(world)?.modems[0]?.fault?.code).toBe('pin.none-given');
    await world.halt();
  });
});

describe('jobs', () => {
  it('hangs up, stays down as long as it was told, and dials again by itself', async () => {
    const world = await brought('fleet.south');
    world.controlPlane.order({ action: 'start', id: jobId(1), ttlS: 60, order: { kind: 'hang-up', redialAfterS: 300 } });
    await world.clock.advance(minutes(4));
    expect(jobStates(world, jobId(1))).toEqual(['accepted', 'running', 'succeeded']);
    expect(connectionOf(world)).toBe('backing-off');
    await world.clock.advance(minutes(3));
    expect(connectionOf(world)).toBe('verified');
    await world.halt();
  });

  it('resets the modem and ends when it is back', async () => {
    const world = await brought('fleet.south');
    world.controlPlane.order({ action: 'start', id: jobId(2), ttlS: 60, order: { kind: 'reset-modem' } });
    await world.clock.advance(minutes(6));
    expect(jobStates(world, jobId(2)).at(-1)).toBe('succeeded');
    expect(connectionOf(world)).toBe('verified');
    await world.halt();
  });

  it('carries a job out once, however often it arrives, also after a restart', async () => {
    const world = await brought('fleet.south');
    const job = { action: 'start', id: jobId(3), ttlS: 60, order: { kind: 'reset-modem' } } as const;
    world.controlPlane.order(job);
    world.controlPlane.order(job);
    await world.clock.advance(minutes(6));
    await world.halt();
    const again = world.again();
    await again.start();
    await world.clock.advance(minutes(1));
    world.controlPlane.order(job);
    await world.clock.advance(minutes(3));
    expect(stepsOf(world).filter((step) => step === 'reset-modem')).toHaveLength(1);
    await world.halt(again);
  });

  it('answers a job of a kind it does not know', async () => {
    const world = await brought('fleet.south');
    world.controlPlane.push('job', { action: 'start', id: jobId(4), ttlS: 60, order: { kind: 'make-coffee' } });
    await world.clock.advance(seconds(5));
    expect(world.controlPlane.jobs().find(({ id }) => id === jobId(4))).toMatchObject({
      state: 'rejected',
      fault: { code: 'job.unknown-kind' },
    });
    await world.halt();
  });
});

describe('the link', () => {
  it('gives every connection a later number, also after a restart', async () => {
    const world = await brought('fleet.south');
    world.controlPlane.cut();
    await world.clock.advance(minutes(3));
    await world.halt();
    const again = world.again();
    await again.start();
    await world.clock.advance(minutes(1));
    const numbers = world.controlPlane.hellos.map(({ connection }) => connection);
    expect(numbers.length).toBeGreaterThanOrEqual(3);
    expect(numbers).toEqual([...new Set(numbers)].sort((left, right) => left - right));
    await world.halt(again);
  });

  it('sends what happened while it was down once it is up again, each report under one number', async () => {
    const world = await brought('fleet.south');
    world.controlPlane.reachable = false;
    world.controlPlane.cut();
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    world.network.deny(imsi);
    await world.clock.advance(minutes(30));
    world.controlPlane.reachable = true;
    await world.clock.advance(minutes(5));
    expect(eventCodes(world)).toEqual(expect.arrayContaining(['network.denied', 'bearer.down']));
    const numbers = world.controlPlane.events().map(({ epoch, sequence, events }) => `${epoch}/${sequence} ${JSON.stringify(events)}`);
    const names = new Set(numbers.map((line) => line.split(' ')[0]));
    expect(new Set(numbers).size).toBe(names.size);
    await world.halt();
  });

  it('keeps an event through a restart and sends it under its old number', async () => {
    const world = await brought('fleet.south');
    world.controlPlane.acknowledges = false;
    world.controlPlane.cut();
    await world.clock.advance(minutes(3));
    world.network.deny(imsi);
    await world.clock.advance(minutes(3));
    await world.halt();
    world.controlPlane.acknowledges = true;
    const again = world.again();
    await again.start();
    await world.clock.advance(minutes(3));
    expect(eventCodes(world).filter((code) => code === 'network.denied').length).toBeGreaterThanOrEqual(1);
    await world.halt(again);
  });

  it('costs an idle device less than 120 KB of IP traffic a day, keepalive included', async () => {
    const world = await brought('fleet.south');
    const before = world.controlPlane.wireBytes;
    await world.clock.advance(hours(24));
    // PINGREQ and PINGRESP with their headers and one bare acknowledgement, each 240 s.
    const keepalive = (86_400 / 240) * (54 + 54 + 52);
    const day = world.controlPlane.wireBytes - before + keepalive;
    expect(world.controlPlane.telemetry().flatMap(({ at }) => at).length).toBeGreaterThanOrEqual(280);
    expect(day).toBeLessThan(120_000);
    await world.halt();
  });

  it('writes nothing to flash while nothing happens', async () => {
    const world = await brought('fleet.south');
    const before = world.writes();
    await world.clock.advance(hours(48));
    expect(world.writes()).toBe(before);
    await world.halt();
  });
});

describe('flash that refuses to be written', () => {
  it('stops neither the link nor the reports, and begins no change: reports go on under a name that no later process will use', async () => {
    const world = await brought('fleet.south');
    const epochs = () => new Set(world.controlPlane.states().map(({ epoch }) => epoch));
    expect(epochs().size).toBe(1);
    world.breakFlash(true);
    world.controlPlane.assign(documentOf(rule('fleet.other')), 2);
    await world.clock.advance(minutes(3));
    expect(eventCodes(world).filter((code) => code === 'disk.failing')).toHaveLength(1);
    expect(eventCodes(world)).toContain('store.write-failed');
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'failed' },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.south' }, fault: { code: 'transaction.no-journal' } }],
    });
    const inMemory = epochs();
    await world.halt();
    world.breakFlash(false);
    const again = world.again();
    await again.start();
    await world.clock.advance(minutes(3));
    const fresh = world.controlPlane.hellos.at(-1)?.stream.epoch ?? '';
    expect([...inMemory].slice(1)).not.toContain(fresh);
    await world.halt(again);
  });
});
