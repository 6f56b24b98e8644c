import { silentLog } from '@towline/kit';
import type { TargetStatus } from '@towline/protocol';
import { type Rollout, type RolloutState, rolloutSchema, type VersionRef } from '@towline/protocol/http';
import * as z from 'zod';
import type { ApiHarness } from '../../api/testing/api-harness.ts';
import { judgeWords, type TargetHeld } from '../../ingest/judge-words.ts';
import { lockTargets, saveStandings } from '../../ingest/target-rows.repository.ts';
import { systemClock, systemIds } from '../../platform/clock.ts';
import { inTransaction, type SqlPool } from '../../platform/database.ts';
import { createRolloutTick } from '../tick/create-rollout-tick.ts';
import type { RolloutTick } from '../tick/rollout-tick.ts';

const targetRow = z.object({ device: z.string(), epoch: z.int(), number: z.int(), digest: z.string(), withheld: z.boolean() });
const stateRow = z.object({ device: z.string(), state: z.string(), code: z.string().nullable(), attempt: z.int() });

export type Word = TargetStatus['status'] | 'held';

/** What devices say of their targets, at most one word each, noted by the very code that ingest uses. */
export function hearWords(pool: SqlPool, words: readonly TargetHeld[]): Promise<void> {
  return inTransaction(pool, async (client) => {
    const targets = await lockTargets(
      client,
      words.map(({ address }) => ({ address, announces: false })),
    );
    await saveStandings(client, judgeWords(targets, words).changed);
  });
}

/** A rollout's fleet and ticker over a real database: devices say what they are told to say, by the very code that ingest uses. */
export class RolloutBench {
  readonly api: ApiHarness;
  readonly tick: RolloutTick;

  constructor(api: ApiHarness) {
    this.api = api;
    const { database, sealer } = api.ports;
    this.tick = createRolloutTick({ database, sealer, ids: systemIds, clock: systemClock, log: silentLog });
  }

  /** An edge is there that hears devices. */
  async hear(untilS = 3600): Promise<void> {
    await this.api.database.pool.query(
      `insert into lease (name, holder, expires_at) values ('edge', 'test', now() + $1 * interval '1 second')
       on conflict (name) do update set expires_at = excluded.expires_at`,
      [untilS],
    );
  }

  /** Devices `<prefix>0` and so on. @returns their ids */
  async devices(
    prefix: string,
    count: number,
    fields: { online?: boolean; siteId?: string; servingPlmn?: string } = {},
  ): Promise<string[]> {
    const ids = Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(10 - prefix.length, '0')}`);
    const data = ids.map((id) => ({ tenantId: 'main', id, name: id, tags: [prefix], online: true, ...fields }));
    await this.api.database.prisma.device.createMany({ data });
    return ids;
  }

  /** A rollout that runs, unless `stop` says earlier. */
  async start(policy: VersionRef, selection: object, settings: object = {}): Promise<Rollout> {
    const { id } = await this.api.expectOk(rolloutSchema, 'POST', '/v1/rollouts', { name: 'a change', policy, selection, settings });
    for (const act of ['plan', 'submit', 'start']) await this.act(id, act);
    return this.get(id);
  }

  act(id: string, act: string, body: object = {}): Promise<Rollout> {
    return this.api.expectOk(rolloutSchema, 'POST', `/v1/rollouts/${id}/${act}`, body);
  }

  get(id: string): Promise<Rollout> {
    return this.api.expectOk(rolloutSchema, 'GET', `/v1/rollouts/${id}`);
  }

  /** As far as the engine goes by itself now. */
  async run(): Promise<void> {
    while (await this.tick.round());
  }

  async stateOf(id: string): Promise<RolloutState> {
    return (await this.get(id)).state;
  }

  async standings(id: string): Promise<Map<string, z.infer<typeof stateRow>>> {
    const { rows } = await this.api.database.pool.query(
      'select device_id as device, state, code, attempt from rollout_device where rollout_id = $1 order by 1',
      [id],
    );
    return new Map(
      z
        .array(stateRow)
        .parse(rows)
        .map((row) => [row.device, row]),
    );
  }

  async inState(id: string, state: string): Promise<string[]> {
    return [...(await this.standings(id)).values()].filter((row) => row.state === state).map(({ device }) => device);
  }

  /** These devices say so of the targets that they have now. */
  async say(devices: readonly string[], word: Word, fault?: string): Promise<void> {
    const { rows } = await this.api.database.pool.query(
      'select device_id as device, epoch, number, digest, withheld from target where device_id = any($1)',
      [devices],
    );
    const words = z
      .array(targetRow)
      .parse(rows)
      .map(({ device, epoch, number, digest }) => {
        const version = { epoch, number };
        const detail = fault === undefined ? {} : { fault: { code: fault, evidence: [] } };
        return {
          address: { tenant: 'main', device },
          held: version,
          status: word === 'held' ? null : { version, digest, status: word, ...detail },
        };
      });
    await hearWords(this.api.database.pool, words);
  }

  /** Every deadline of the rollout comes this much earlier, as if so much time had passed. */
  async pass(id: string, seconds: number): Promise<void> {
    const earlier = (column: string) => `${column} = ${column} - $2 * interval '1 second'`;
    await this.api.database.pool.query(
      `update rollout_device set ${['due_at', 'next_try_at', 'opened_at', 'held_at'].map(earlier).join(', ')} where rollout_id = $1`,
      [id, seconds],
    );
    await this.api.database.pool.query(`update rollout set ${['end_at', 'credit_at'].map(earlier).join(', ')} where id = $1`, [
      id,
      seconds,
    ]);
  }

  /** Counts as the triggers keep them, and as they are. */
  async counts(id: string): Promise<{ kept: unknown[]; real: unknown[] }> {
    const { pool } = this.api.database;
    const kept = await pool.query('select wave, state, devices from rollout_count where rollout_id = $1 and devices <> 0 order by 1, 2', [
      id,
    ]);
    const real = await pool.query(
      'select wave, state, count(*)::int as devices from rollout_device where rollout_id = $1 group by 1, 2 order by 1, 2',
      [id],
    );
    return { kept: kept.rows, real: real.rows };
  }
}
