import { createHash, randomBytes } from 'node:crypto';
import { type Clock, silentLog } from '@towline/kit';
import { changeAccount, downFilter, downTopic, type ReportEnvelope, upTopic } from '@towline/protocol';
import { connectAsync, type MqttClient } from 'mqtt';
import { Registry } from 'prom-client';
import { expect, vi } from 'vitest';
import type { Broker } from '../../broker/broker.ts';
import { noAccounts } from '../../broker/device-accounts.ts';
import { standingDevices } from '../../broker/device-standing.repository.ts';
import { findCredentials } from '../../broker/embedded/credentials.repository.ts';
import { Credentials } from '../../broker/embedded/credentials.ts';
import { EmbeddedBroker } from '../../broker/embedded/embedded-broker.ts';
import { DynamicSecurity } from '../../broker/outside/dynamic-security.ts';
import { OutsideBroker } from '../../broker/outside/outside-broker.ts';
import { deviceIdFrom } from '../../enrolment/device-id.ts';
import { systemClock, systemRandom } from '../../platform/clock.ts';
import { createSealer, type Sealer } from '../../platform/sealer.ts';
import { freePort } from '../../platform/testing/free-port.ts';
import { createTestDatabase, type TestDatabase } from '../../platform/testing/test-database.ts';
import { createEdgeProcess, type EdgeProcess } from '../edge-process.ts';

export const tenant = 'main';

export interface TestDevice {
  readonly id: string;
  readonly secret: string;
}

/** A device as far as a broker sees it. */
export interface ConnectedDevice extends TestDevice {
  readonly client: MqttClient;
  /** What came down, oldest first. */
  readonly down: { readonly channel: string; readonly message: unknown }[];
  say(channel: string, message: unknown): Promise<unknown>;
}

export interface EdgeHarness {
  readonly database: TestDatabase;
  readonly databaseUrl: string;
  readonly edge: EdgeProcess;
  readonly metrics: Registry;
  readonly sealer: Sealer;
  readonly port: number;
  addDevice(): Promise<TestDevice>;
  connect(device: TestDevice, as?: Partial<{ clientId: string; username: string; password: string }>): Promise<ConnectedDevice>;
  /** The session that the device asks for its changes on. */
  connectForChanges(device: TestDevice): Promise<ConnectedDevice>;
  /** The edge ends, and another one begins at the same place over the same database. */
  restartEdge(): Promise<void>;
  close(): Promise<void>;
}

const retentionDays = 30;

async function addDevice(database: TestDatabase): Promise<TestDevice> {
  const id = deviceIdFrom(randomBytes(10));
  const secret = randomBytes(32).toString('base64url');
  const credentialHash = Uint8Array.from(createHash('sha256').update(secret).digest());
  await database.prisma.tenant.upsert({ where: { id: tenant }, create: { id: tenant, name: tenant }, update: {} });
  await database.prisma.device.create({ data: { tenantId: tenant, id, name: id, tags: [], credentialHash } });
  return { id, secret };
}

/** A broker that runs already, with the account of the control plane in its URL. */
export interface OutsideAddress {
  readonly url: string;
  readonly port: number;
}

const wiring = { clock: systemClock, random: systemRandom, log: silentLog };

function outsideParts(database: TestDatabase, { url, port }: OutsideAddress) {
  const standing = (devices: readonly string[]) => standingDevices(database.pool, devices);
  const accounts = new DynamicSecurity({ ...wiring, url, clientId: 'towline-accounts-test', standing });
  const broker = new OutsideBroker({
    ...wiring,
    url,
    clientId: 'towline-edge-test',
    changeSessions: true,
    accounts,
    onStray: () => undefined,
  });
  return { port, accounts, broker };
}

async function embeddedParts(database: TestDatabase, clock: Clock, port: number) {
  const credentials = new Credentials((devices) => findCredentials(database.pool, devices), clock);
  return {
    port,
    accounts: noAccounts,
    broker: new EmbeddedBroker({ host: '127.0.0.1', port, credentials, clock: systemClock, log: silentLog }),
  };
}

/** The edge over a database of its own, with the embedded broker on a free port or at an outside one. */
export async function createEdgeHarness({
  clock = systemClock,
  outside,
  around = (broker) => broker,
}: {
  clock?: Clock;
  outside?: OutsideAddress;
  /** Put between the edge and its broker. */
  around?: (broker: Broker) => Broker;
} = {}): Promise<EdgeHarness> {
  const database = await createTestDatabase();
  const sealer = createSealer(randomBytes(32));
  const port = outside?.port ?? (await freePort());
  const begin = async () => {
    const { accounts, broker } = outside ? outsideParts(database, outside) : await embeddedParts(database, clock, port);
    const parts = { broker: around(broker), database, databaseUrl: database.url, sealer, clock, random: systemRandom, log: silentLog };
    const metrics = new Registry();
    const edge = createEdgeProcess({ ...parts, metrics, retentionDays });
    await edge.start();
    // At an outside broker its session stands a moment later; what comes before that is nobody's.
    await vi.waitFor(() => expect(edge.unready()).toBeNull(), { timeout: 10_000 });
    return { accounts, edge, metrics };
  };
  let { accounts, edge, metrics } = await begin();
  const clients: MqttClient[] = [];
  const harness: EdgeHarness = {
    database,
    databaseUrl: database.url,
    get edge() {
      return edge;
    },
    get metrics() {
      return metrics;
    },
    sealer,
    port,
    async restartEdge() {
      await edge.stop();
      ({ accounts, edge, metrics } = await begin());
    },
    async addDevice() {
      const device = await addDevice(database);
      await accounts.grant({ tenant, device: device.id }, device.secret);
      return device;
    },
    async connect(device, as = {}) {
      const { clientId = device.id, username = device.id, password = device.secret } = as;
      const options = { clientId, username, password, protocolVersion: 4 as const, clean: true, reconnectPeriod: 0, connectTimeout: 5000 };
      const client = await connectAsync(`mqtt://127.0.0.1:${port}`, options);
      clients.push(client);
      const address = { tenant, device: device.id };
      const down: ConnectedDevice['down'] = [];
      client.on('message', (topic, payload) => {
        down.push({ channel: topic.replace(/.*\//, ''), message: JSON.parse(payload.toString()) });
      });
      const filter = clientId === device.id ? downFilter(address) : downTopic(address, 'confirm');
      await client.subscribeAsync(filter, { qos: 1 });
      const ownUp = upTopic({ tenant, device: clientId }, 'state');
      const say = (channel: string, message: unknown) =>
        client.publishAsync(ownUp.replace(/state$/, channel), typeof message === 'string' ? message : JSON.stringify(message), { qos: 1 });
      return { ...device, client, down, say };
    },
    connectForChanges(device) {
      const account = changeAccount(device.id);
      return harness.connect(device, { clientId: account, username: account });
    },
    async close() {
      await Promise.all(clients.map((client) => client.endAsync(true).catch(() => undefined)));
      await edge.stop();
      await database.close();
    },
  };
  return harness;
}

/** A telemetry report of one sample. */
export function telemetry(envelope: Partial<ReportEnvelope> & { sequence: number }, fields: object = {}): Record<string, unknown> {
  const now = systemClock.wallMs();
  return { epoch: 'abcd1234', base: 1, sentAt: now, modem: 'main', at: [now], rsrpDbm: [-97], ...envelope, ...fields };
}

export function hello(fields: object = {}): Record<string, unknown> {
  return {
    protocol: 1,
    agent: '0.1.0',
    boot: 'boot-1',
    connection: 1,
    nonce: 'nonce-0001',
    held: { target: null },
    stream: { epoch: 'abcd1234', sequence: 0 },
    fingerprint: { boardSerial: 'TL-1', imeis: ['490154203237518'] },
    ...fields,
  };
}
