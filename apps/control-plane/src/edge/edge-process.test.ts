import { silentLog } from '@towline/kit';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findCredentials } from '../broker/embedded/credentials.repository.ts';
import { Credentials } from '../broker/embedded/credentials.ts';
import { EmbeddedBroker } from '../broker/embedded/embedded-broker.ts';
import { systemClock, systemRandom } from '../platform/clock.ts';
import { createEdgeProcess } from './edge-process.ts';
import { createEdgeHarness, type EdgeHarness } from './testing/edge-harness.ts';

let edge: EdgeHarness;
beforeAll(async () => {
  edge = await createEdgeHarness();
});
afterAll(() => edge.close());

describe('an edge whose port is taken', () => {
  it('leaves nothing behind that it had started: neither listeners nor connections', async () => {
    const second = createEdgeProcess({
      broker: new EmbeddedBroker({
        host: '127.0.0.1',
        port: edge.port,
        credentials: new Credentials((devices) => findCredentials(edge.database.pool, devices), systemClock),
        clock: systemClock,
        log: silentLog,
      }),
      database: edge.database,
      databaseUrl: edge.databaseUrl,
      sealer: edge.sealer,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      metrics: new Registry(),
      retentionDays: 30,
    });
    const listeners = async () => {
      const { rows } = await edge.database.pool.query(
        `select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name like 'towline-listen-%'`,
      );
      return rows[0].n;
    };
    const before = await listeners();
    await expect(second.start()).rejects.toMatchObject({ code: 'broker.listen-failed' });
    expect(second.unready()).toBe('broker');
    expect(edge.edge.unready()).toBeNull();
    await vi.waitFor(async () => expect(await listeners()).toBe(before), { timeout: 5000 });
  });
});
