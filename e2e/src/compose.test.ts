import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LocalPostgres, startLocalPostgres, systemClock } from '@towline/control-plane';
import { operatorApi, waitUntil } from '@towline/demo';
import { silentLog } from '@towline/kit';
import { createdClaimTokenSchema, type Device, devicePageSchema, samplePageSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ComposeService, readComposeFile, readEnvironmentFile } from './harness/compose-file.ts';
import { type DeviceCredential, enrol } from './harness/enrol.ts';
import { freePorts } from './harness/free-ports.ts';
import { LightDevice } from './harness/light-device.ts';
import { mosquittoRoot } from './harness/mosquitto.ts';
import { NativeService } from './harness/native-service.ts';
import { storyDirectory } from './harness/world.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const composeFile = join(checkout, 'infra/compose.yaml');

/** WORKDIR of infra/control-plane.Dockerfile. */
const workDirectory = join(checkout, 'apps/control-plane');

let directory = '';
let postgres: LocalPostgres;
let services: ReadonlyMap<string, ComposeService>;
let ports: { readonly postgres: number; readonly http: number; readonly edge: number; readonly ticker: number; readonly mqtt: number };
const running: NativeService[] = [];

beforeAll(async () => {
  directory = storyDirectory();
  const [postgresPort = 0, http = 0, edge = 0, ticker = 0, mqtt = 0] = await freePorts(5);
  ports = { postgres: postgresPort, http, edge, ticker, mqtt };
  const settings = ['max_connections=100'];
  postgres = await startLocalPostgres({
    dataDir: join(directory, 'server'),
    port: postgresPort,
    clock: systemClock,
    log: silentLog,
    settings,
  });
  services = readComposeFile(composeFile, {
    POSTGRES_PASSWORD: new URL(postgres.url).password,
    MQTT_PASSWORD: randomBytes(24).toString('hex'),
    TOWLINE_KEY: randomBytes(32).toString('base64'),
    PUBLIC_MQTT_URL: `mqtt://127.0.0.1:${mqtt}`,
  });
});

afterAll(async () => {
  for (const service of running.reverse()) await service.stop();
  await postgres?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Containers have their own hosts; here all are this machine, told apart by port. */
const onThisMachine = (text: string) =>
  text.replace('@postgres:5432', `@127.0.0.1:${ports.postgres}`).replace('@mosquitto:1883', `@127.0.0.1:${ports.mqtt}`);

function settingsOf({ name, environment }: ComposeService): Record<string, string> {
  const settings = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, onThisMachine(value)]));
  if (name === 'mosquitto') {
    const data = join(directory, 'mosquitto');
    return { ...settings, MOSQUITTO_ROOT: mosquittoRoot(), MQTT_DATA: data, MQTT_HOST: '127.0.0.1', MQTT_PORT: String(ports.mqtt) };
  }
  return {
    ...settings,
    TOWLINE_HTTP_HOST: settings.TOWLINE_HTTP_HOST === '0.0.0.0' ? '127.0.0.1' : '',
    TOWLINE_HTTP_PORT: String(ports.http),
    TOWLINE_EDGE_HTTP_PORT: String(ports.edge),
    TOWLINE_TICKER_HTTP_PORT: String(ports.ticker),
    TOWLINE_DATA_DIR: join(directory, name),
  };
}

/** Programs and mounted folders of the image, where they are on this machine. */
const programs: Readonly<Record<string, string>> = {
  node: process.execPath,
  '/towline/start.sh': join(checkout, 'infra/mosquitto/start.sh'),
};

function service(name: string): ComposeService {
  const found = services.get(name);
  if (!found) throw new Error(`infra/compose.yaml has no service ${name}`);
  return found;
}

function run(name: string, command = service(name).command): NativeService {
  mkdirSync(join(directory, name), { recursive: true });
  const words = command.map((word) => onThisMachine((programs[word] ?? word).replace('127.0.0.1:8080', `127.0.0.1:${ports.http}`)));
  const logFile = join(directory, `${name}.log`);
  return new NativeService({ command: words, environment: settingsOf(service(name)), directory: workDirectory, logFile });
}

/** Runs a service's health check until it passes. */
const untilHealthy = (name: string) =>
  waitUntil(`${name} to be healthy`, async () => ((await run(name, service(name).healthCheck ?? ['false']).ended()) === 0 ? true : null));

function start(name: string): NativeService {
  const started = run(name);
  running.push(started);
  return started;
}

let token = '';
let credential: DeviceCredential;

describe('the compose file', () => {
  it('names in its example every variable that it needs, and says which one is missing', () => {
    const example = readEnvironmentFile(join(checkout, 'infra/compose.env.example'));
    expect(Object.keys(example).sort()).toEqual(['MQTT_PASSWORD', 'POSTGRES_PASSWORD', 'PUBLIC_MQTT_URL', 'TOWLINE_KEY']);
    expect(() => readComposeFile(composeFile, example)).toThrow('POSTGRES_PASSWORD: set it in compose.env');
  });

  it('runs Postgres with settings that ours has too', () => {
    expect(service('postgres').command).toEqual(['postgres', '-c', 'max_connections=100', '-c', 'autovacuum_naptime=10s']);
    expect(service('postgres').environment).toMatchObject({ POSTGRES_USER: 'towline', POSTGRES_DB: 'towline' });
  });

  it('waits for the database, then for its migration', () => {
    expect(service('migrate').dependsOn).toEqual(new Map([['postgres', 'service_healthy']]));
    for (const name of ['api', 'edge', 'ticker']) {
      expect(service(name).dependsOn.get('migrate')).toBe('service_completed_successfully');
    }
  });
});

describe('its commands, run natively', () => {
  it('migrate: brings an empty database up to date, keeps the first token in its volume and out of its log, and ends well', async () => {
    const migrate = run('migrate');
    expect(await migrate.ended()).toBe(0);
    const file = join(directory, 'migrate/first-token');
    token = readFileSync(file, 'utf8').trim();
    expect(token).toMatch(/^tw_[A-Za-z0-9_-]{43}$/);
    expect(migrate.log).toContain(file);
  });

  it('migrate: changes nothing the second time', async () => {
    expect(await run('migrate').ended()).toBe(0);
  });

  it('mosquitto, api, edge and ticker: a device enrols, connects to the public address, and its reports are committed', async () => {
    for (const name of ['mosquitto', 'api', 'edge', 'ticker']) start(name);
    await untilHealthy('api');
    const api = operatorApi(`http://127.0.0.1:${ports.http}`, token);
    const { secret } = await api.post('/v1/claim-tokens', { label: 'compose', uses: 1, expiresInS: 3600 }, createdClaimTokenSchema);
    credential = await waitUntil('the enrolment', () =>
      enrol(`http://127.0.0.1:${ports.http}`, { claimToken: secret, boardSerial: 'COMPOSE' }).catch(() => null),
    );
    expect(credential.mqttUrl).toBe(`mqtt://127.0.0.1:${ports.mqtt}`);
    const device = new LightDevice(credential, { everyMs: 100 });
    device.start();
    try {
      await waitUntil('acknowledged reports', () => (device.acknowledgedThrough > 5 ? true : null));
      await waitUntil('the device in the list', async () => {
        const { items } = await api.get('/v1/devices?filter=online==true', devicePageSchema);
        return items.find(({ id }: Device) => id === credential.device) ?? null;
      });
      const { items } = await api.get(`/v1/devices/${credential.device}/telemetry`, samplePageSchema);
      expect(items.length).toBeGreaterThan(0);
    } finally {
      await device.stop();
    }
  });

  it('all of them end well when they are asked to, whoever is still connected', { timeout: 30_000 }, async () => {
    // As a browser does that expects to need one soon: a connection without a request.
    const idle = connect(ports.http, '127.0.0.1');
    await once(idle, 'connect');
    const [mosquitto, ...processes] = running.splice(0);
    for (const one of processes.reverse()) expect(await one.stop()).toBe(0);
    expect(await mosquitto?.stop()).toBe(0);
    idle.destroy();
  });

  it('none of them wrote a secret into its log', () => {
    const secrets = [token, credential.secret, new URL(postgres.url).password, service('api').environment.TOWLINE_KEY ?? ''];
    for (const name of ['api', 'edge', 'ticker', 'migrate']) {
      const log = join(directory, `${name}.log`);
      const text = readFileSync(log, 'utf8');
      for (const secret of secrets) expect(text).not.toContain(secret);
    }
  });
});
