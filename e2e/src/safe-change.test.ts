import type { Agent } from '@towline/agent';
import { waitUntil } from '@towline/demo';
import type { DeviceDetail } from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mosquitto, startMosquitto } from './harness/mosquitto.ts';
import { Operator } from './harness/operator.ts';
import { killNow } from './harness/processes.ts';
import { agentInProcess, raiseTappedFleet } from './harness/tapped-fleet.ts';
import { startWorld, storyDirectory, type World } from './harness/world.ts';

/** What the edge commits and does not get to send: it dies in between. */
const loseConfirms = `
  create function lose_note() returns trigger language plpgsql as 'begin return null; end';
  create trigger lose_confirms before insert on outbox for each row when (new.channel = 'confirm') execute function lose_note()`;
const keepConfirms = 'drop trigger lose_confirms on outbox; drop function lose_note()';

describe.each(['the embedded broker', 'a Mosquitto of its own'] as const)('a change over %s', (broker) => {
  const { gateways } = raiseTappedFleet(['ec200a', 'ec25', 'mc7455']);
  const agents: Agent[] = [];
  let world: World;
  let operator: Operator;
  let mosquitto: Mosquitto | null = null;
  let ids: string[] = [];

  beforeAll(async () => {
    const directory = storyDirectory();
    if (broker === 'a Mosquitto of its own') mosquitto = await startMosquitto(directory);
    world = await startWorld({ directory, environment: mosquitto ? { MQTT_URL: mosquitto.url } : {} });
    operator = new Operator(world.api);
    const place = { url: world.httpUrl, claimToken: await world.claimToken(gateways.length) };
    for (const gateway of gateways) {
      const agent = agentInProcess(gateway, place);
      agents.push(agent);
      await agent.start();
    }
    ids = await waitUntil('every gateway to enrol', async () => {
      const found = (await operator.devices()).filter(({ online }) => online);
      return found.length === gateways.length ? found.map(({ id }) => id) : null;
    });
  });

  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.stop()));
    await world?.stop();
    await mosquitto?.kill();
  });

  const details = (): Promise<DeviceDetail[]> => Promise.all(ids.map((id) => operator.device(id)));
  /** A device that was not answered asks again within a few minutes at most. */
  const untilApplied = (apn: string) =>
    operator.untilEach(
      { what: `${apn} applied`, withinMs: 400_000 },
      ids,
      (device) => device.apn === apn && device.target?.status === 'applied',
    );

  it('stays once the control plane has said yes to it', async () => {
    await operator.assign(await operator.savePolicy('polder.internet'), ids);
    await untilApplied('polder.internet');
    const confirmed = (await details()).map(({ target }) => target?.change?.confirmedAt ?? null);
    expect(confirmed).not.toContain(null);
  });

  it('stays although the edge died between its commit and its yes: the device asks again, and gets the same yes', async () => {
    await world.query(loseConfirms);
    await operator.assign(await operator.savePolicy('fleet.next'), ids);
    const committed = await waitUntil('a yes to each that nobody heard', async () => {
      const changes = (await details()).map(({ target }) => target?.change ?? null);
      return changes.every((change) => change?.confirmedAt) ? changes : null;
    });
    expect((await details()).map(({ target }) => target?.status)).not.toContain('applied');
    const edge = await world.roleProcess('edge');
    await killNow(edge);
    await world.query(keepConfirms);
    expect(await world.roleProcess('edge')).not.toBe(edge);
    await untilApplied('fleet.next');
    expect((await details()).map(({ target }) => target?.change)).toEqual(committed);
  }, 500_000);

  it('to an APN that is not sold is taken back, with the reason', async () => {
    await operator.assign(await operator.savePolicy('fleet.premium'), ids);
    await operator.untilEach('the way back', ids, ({ apn, target }) => apn === 'fleet.next' && target?.status === 'reverted');
    const faults = (await details()).map(({ target }) => target?.fault?.code);
    expect(new Set(faults)).toEqual(new Set(['apn.not-subscribed']));
  });
});
