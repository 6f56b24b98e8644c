import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentProcess, waitUntil } from '@towline/demo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from './harness/certificates.ts';
import { type Mosquitto, startMosquitto } from './harness/mosquitto.ts';
import { Operator } from './harness/operator.ts';
import { agentProcess, raiseTappedFleet } from './harness/tapped-fleet.ts';
import { startWorld, storyDirectory, type World } from './harness/world.ts';

const fleet = raiseTappedFleet(['ec200a', 'bg96']);
const [trusting, stranger] = fleet.gateways;

let certificates: Certificates;
let mosquitto: Mosquitto;
let world: World;
const agents: AgentProcess[] = [];

beforeAll(async () => {
  const directory = storyDirectory();
  certificates = makeCertificates(directory);
  mosquitto = await startMosquitto(directory, certificates);
  const environment = { MQTT_URL: mosquitto.url, NODE_EXTRA_CA_CERTS: certificates.authority };
  world = await startWorld({ directory, environment });
});

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await world?.stop();
  await mosquitto?.kill();
});

describe('at a broker with TLS, its certificate signed by an authority of the operator’s own', () => {
  it('a gateway that knows the authority enrols, is heard and takes orders', async () => {
    if (!trusting) throw new Error('the fleet is empty');
    const operator = new Operator(world.api);
    const environment = { NODE_EXTRA_CA_CERTS: certificates.authority };
    agents.push(agentProcess(trusting, { url: world.httpUrl, claimToken: await world.claimToken(1), environment }, world.directory));
    const device = await waitUntil('the gateway', async () => {
      const [found] = await operator.devices();
      return found?.online && found.registration === 'home' ? found : null;
    });
    expect(world.mqttUrl).toMatch(/^mqtts:/);
    expect(await operator.carryOut(device.id, { kind: 'refresh' })).toMatchObject({ state: 'succeeded' });
  });

  it('one that does not know it says nothing to that broker, and writes why into its log', async () => {
    if (!stranger) throw new Error('the fleet is empty');
    agents.push(agentProcess(stranger, { url: world.httpUrl, claimToken: await world.claimToken(1) }, world.directory));
    const log = join(world.directory, 'gateways', stranger.boardSerial, 'agent.log');
    await waitUntil('the refusal in the log', () => (/UNABLE_TO_VERIFY|SELF_SIGNED/.test(readFileSync(log, 'utf8')) ? true : null));
    const rows = await world.query('select online, last_seen_at from device where name = $1', [stranger.boardSerial]);
    expect(rows).toEqual([{ online: false, last_seen_at: null }]);
  });
});
