import type { Agent } from '@towline/agent';
import { type AgentProcess, waitUntil } from '@towline/demo';
import { eventPageSchema, tagsEditedSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChangeReader, readChanges } from './harness/change-stream.ts';
import { Operator } from './harness/operator.ts';
import { killNow } from './harness/processes.ts';
import { agentInProcess, agentProcess, bearersOf, type EnrolmentPlace, raiseTappedFleet } from './harness/tapped-fleet.ts';
import { startWorld, type World } from './harness/world.ts';

const fleet = raiseTappedFleet(['ec200a', 'ec25', 'bg96', 'sim7600', 'me909', 'mc7455']);
const [onTty, ...inProcess] = fleet.gateways;

let world: World;
let operator: Operator;
let place: EnrolmentPlace;
let stream: ChangeReader;
let onItsOwn: AgentProcess;
const agents: Agent[] = [];
let ids: string[] = [];
/** The device of the agent that runs as a process. */
let chosen = '';

beforeAll(async () => {
  world = await startWorld();
  operator = new Operator(world.api);
  place = { url: world.httpUrl, claimToken: await world.claimToken(fleet.gateways.length) };
  stream = await readChanges(world.httpUrl, world.token);
});

afterAll(async () => {
  await stream?.close();
  await Promise.all(agents.map((agent) => agent.stop()));
  await onItsOwn?.stop();
  await world?.stop();
});

/** What the operator's books say of the whole fleet, once every agent has read its modem anew and done what it found to do. */
async function linksAfterALook(): Promise<object> {
  const jobs = await Promise.all(ids.map((id) => operator.carryOut(id, { kind: 'refresh' })));
  expect(jobs.map(({ state }) => state)).toEqual(ids.map(() => 'succeeded'));
  return { asks: fleet.asks.length, commands: fleet.linkCommands.length, bearers: fleet.gateways.map(bearersOf) };
}

const heard = (kind: string, device: string) => stream.changes.some((change) => change.kind === kind && change.device === device);

describe('a small fleet from its first start to a new APN', () => {
  it('enrols, and the list shows signal and registration', async () => {
    if (!onTty) throw new Error('the fleet is empty');
    onItsOwn = agentProcess(onTty, place, world.directory);
    for (const gateway of inProcess) {
      const agent = agentInProcess(gateway, place);
      agents.push(agent);
      await agent.start();
    }
    const devices = await waitUntil('every gateway to enrol and register', async () => {
      const found = await operator.devices();
      const registered = found.filter(({ online, registration, signal }) => online && registration === 'home' && signal !== null);
      return registered.length === fleet.gateways.length ? registered : null;
    });
    ids = devices.map(({ id }) => id);
    chosen = devices.find(({ name }) => name === onTty.boardSerial)?.id ?? '';
    expect(devices.map(({ name }) => name).sort()).toEqual(fleet.gateways.map(({ boardSerial }) => boardSerial).sort());
    expect(devices.map(({ signal }) => signal).filter((dbm) => dbm === null || dbm > -40 || dbm < -140)).toEqual([]);
    expect(chosen).not.toBe('');
  });

  it('moves no link when a policy is saved', async () => {
    const before = await linksAfterALook();
    await operator.savePolicy('fleet.north');
    expect(await linksAfterALook()).toEqual(before);
    expect((await operator.devices()).map(({ target }) => target)).toEqual(ids.map(() => null));
  });

  it('redials onto the new APN once the policy is assigned, and reports it applied', async () => {
    const policy = await operator.savePolicy('fleet.next');
    const { assigned } = await operator.assign(policy, ids);
    expect(assigned).toBe(ids.length);
    await operator.untilEach('fleet.next applied', ids, ({ apn, target }) => apn === 'fleet.next' && target?.status === 'applied');
    for (const gateway of fleet.gateways) expect(bearersOf(gateway)).toContainEqual(expect.stringContaining(' fleet.next.'));
    for (const id of ids) expect([id, heard('target', id), heard('device', id)]).toEqual([id, true, true]);
  });

  it('changes nothing when the same policy is assigned again', async () => {
    const before = await linksAfterALook();
    const target = (await operator.device(chosen)).target;
    if (!target) throw new Error('the device has no target');
    const { assigned, unchanged } = await operator.assign(target.policy, ids);
    expect({ assigned, unchanged }).toEqual({ assigned: 0, unchanged: ids.length });
    expect(await linksAfterALook()).toEqual(before);
  });

  it('moves no link when the tags of all devices are edited', async () => {
    const before = await linksAfterALook();
    const versions = (await operator.devices()).map(({ id, target }) => [id, target?.version]);
    const edited = await world.api.post('/v1/devices/tags', { filter: 'online==true', add: ['roof'] }, tagsEditedSchema);
    expect(edited.changed).toBe(ids.length);
    expect(await linksAfterALook()).toEqual(before);
    const after = await operator.devices();
    expect(after.map(({ id, target }) => [id, target?.version])).toEqual(versions);
    expect(after.every(({ tags }) => tags.includes('roof'))).toBe(true);
  });
});

describe('a wrong APN', () => {
  it("is taken back to what was known good, with its cause and the modem's own lines", async () => {
    const before = await operator.device(chosen);
    expect(before.target).toMatchObject({ status: 'applied', change: { confirmedAt: expect.any(String) } });
    await operator.assign(await operator.savePolicy('fleet.premium'), [chosen]);
    const [device] = await operator.untilEach('the way back', [chosen], ({ apn, target }) => {
      return apn === before.apn && target?.status === 'reverted';
    });
    expect(device?.fault).toBe('apn.not-subscribed');
    const { target } = await operator.device(chosen);
    expect(target).toMatchObject({ change: null, fault: { code: 'apn.not-subscribed' } });
    expect(target?.fault?.evidence.join('\n')).toMatch(/33|not subscribed/i);
    const { items } = await world.api.get(`/v1/events?device=${chosen}&code=change.reverted`, eventPageSchema);
    expect(items[0]?.evidence.join('\n')).toContain('apn.not-subscribed');
  });

  it('is followed by the right one', async () => {
    await operator.assign(await operator.savePolicy('polder.internet'), [chosen]);
    await operator.untilEach('polder.internet applied', [chosen], ({ apn, fault, target }) => {
      return apn === 'polder.internet' && fault === null && target?.status === 'applied';
    });
  });
});

describe('an order', () => {
  it('to refresh answers with what the modem says now', async () => {
    const job = await operator.carryOut(chosen, { kind: 'refresh' });
    expect(job).toMatchObject({ state: 'succeeded', progress: 100, result: { connection: 'verified', apn: 'polder.internet' } });
    expect(heard('job', chosen)).toBe(true);
  });

  it('to hang up cuts the link and brings it back after the time it named', async () => {
    const before = fleet.linkCommands.length;
    const job = await operator.carryOut(chosen, { kind: 'hang-up', redialAfterS: 5 });
    expect(job).toMatchObject({ state: 'succeeded', progress: 100, result: { redialAfterS: 5 } });
    const dialled = () => fleet.linkCommands.slice(before).filter((line) => line.startsWith(onTty?.boardSerial ?? ''));
    await waitUntil('the redial', () => (dialled().some((line) => / AT(D|\+QNETDEVCTL=1,1)/.test(line)) ? true : null));
    await operator.untilEach('the bearer', [chosen], ({ state, apn }) => state === 'verified' && apn === 'polder.internet');
  });

  it('to reset the modem ends when the modem is back, and the link follows', async () => {
    const job = await operator.carryOut(chosen, { kind: 'reset-modem' });
    expect(job).toMatchObject({ state: 'succeeded', progress: 100 });
    await operator.untilEach('the bearer', [chosen], ({ state, apn }) => state === 'verified' && apn === 'polder.internet');
  });

  it('for a modem that the device does not have is rejected by the device', async () => {
    const job = await operator.carryOut(chosen, { kind: 'refresh', modem: 'another' });
    expect(job).toMatchObject({ state: 'rejected', fault: { code: 'job.unknown-modem' } });
  });
});

describe('an agent that is killed', () => {
  it('is the same device after its restart, and no second one appears', async () => {
    if (!onTty) throw new Error('the fleet is empty');
    const { bootId, target, reported } = await operator.device(chosen);
    await killNow(onItsOwn.pid);
    await onItsOwn.stop();
    await operator.untilEach('the last will', [chosen], ({ online }) => !online);
    onItsOwn = agentProcess(onTty, place, world.directory);
    await operator.untilEach('its return', [chosen], ({ online, state }) => online && state === 'verified');
    const again = await waitUntil('its first report', async () => {
      const device = await operator.device(chosen);
      return device.reported?.at === reported?.at ? null : device;
    });
    expect(again.bootId).toBe(bootId);
    expect(again.target?.version).toEqual(target?.version);
    expect((await operator.devices()).map(({ id }) => id).sort()).toEqual([...ids].sort());
  });
});
