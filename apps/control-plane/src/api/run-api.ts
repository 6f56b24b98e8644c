import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Fault, faultCode } from '@towline/kit';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { noAccounts } from '../broker/device-accounts.ts';
import { standingDevices } from '../broker/device-standing.repository.ts';
import { createDeviceAccounts } from '../broker/outside/create-device-accounts.ts';
import { ChangeFeed } from '../platform/change-feed.ts';
import { systemClock, systemIds, systemRandom } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { openDatabase } from '../platform/database.ts';
import { defaultThrottlePolicies } from '../platform/http/request-throttles.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import { type RunningProcess, stopAll } from '../platform/running-process.ts';
import { createSealer, loadSealingKey } from '../platform/sealer.ts';
import { createApiApp } from './create-api-app.ts';

/** Long enough for any request under way. */
const lingerMs = 3_000;

/** A connection on which no request ever came, as browsers open them ahead, would hold the server for a minute. */
async function closeApp(app: NestFastifyApplication): Promise<void> {
  const cancel = systemClock.schedule(lingerMs, () => app.getHttpServer().closeAllConnections());
  await app.close();
  cancel();
}

/** The operator API, as a process. @throws Fault `api.port-taken` */
export async function runApi(config: Config, databaseUrl: string, log: ControlPlaneLog): Promise<RunningProcess> {
  const database = openDatabase({ url: databaseUrl, applicationName: 'towline-api', connections: 10, log });
  const changeFeed = new ChangeFeed({ url: databaseUrl, clock: systemClock, random: systemRandom, log });
  const metrics = new Registry();
  const accounts = createDeviceAccounts(config.mqtt, {
    clock: systemClock,
    random: systemRandom,
    log,
    standing: (devices) => standingDevices(database.pool, devices),
    name: `api-${systemIds.uuid().slice(0, 8)}`,
  });
  collectDefaultMetrics({ register: metrics });
  const app = await createApiApp({
    database,
    changeFeed,
    clock: systemClock,
    ids: systemIds,
    log,
    sealer: createSealer(loadSealingKey(config.key, config.dataDir)),
    metrics,
    deviceAccounts: accounts ?? noAccounts,
    publicMqttUrl: config.mqtt.publicUrl,
    throttlePolicies: defaultThrottlePolicies,
    webhookNetworks: config.webhookNetworks,
  });
  await changeFeed.start();
  const { host, port } = config.http;
  await app.listen({ host, port }).catch((cause: unknown) => {
    const taken = faultCode(cause) === 'EADDRINUSE';
    throw new Fault(
      'api.port-taken',
      taken ? `port ${port} is taken: set TOWLINE_HTTP_PORT to a free one` : `cannot listen on ${host}:${port}`,
      { cause },
    );
  });
  return { stop: () => stopAll([() => database.close(), () => changeFeed.stop(), async () => accounts?.stop(), () => closeApp(app)]) };
}
