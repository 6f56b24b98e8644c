import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '@towline/kit';
import { policyVersionSchema, profileVersionSchema, type Rollout, rolloutSchema, type VersionRef } from '@towline/protocol/http';
import type { Client } from 'pg';
import { growFleet } from '../api/fleet-rows.ts';
import { rounded, type Say } from '../figures.ts';
import type { BenchedControlPlane, Workplace } from '../workplace.ts';

/** What the parts of the rollout benchmark stand on. */
export interface Ground {
  readonly place: Workplace;
  readonly controlPlane: BenchedControlPlane;
  /** To the same database. */
  readonly client: Client;
  readonly say: Say;
}

const patienceMs = 240_000;

/** Adds devices until there are `to`, with targets that they have applied; what only lists are made of is left out. */
export async function growGround({ client, say }: Ground, growth: { from: number; to: number }): Promise<void> {
  const from = performance.now();
  await growFleet(client, growth, ['target']);
  await client.query('set session_replication_role = origin; set synchronous_commit = on');
  await client.query('update tenant set approval_above = null');
  say(`${growth.to} devices, made in ${rounded((performance.now() - from) / 1000, 1)} s`);
}

/** Until the control plane has heard of the end of every gateway: later it would take those offline that are to seem online. */
export async function untilGone({ client }: Ground): Promise<void> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const { rows } = await client.query<{ online: number }>('select count(*)::int as online from device where online');
    if (rows[0]?.online === 0) return;
    if (performance.now() > endMs) throw new Fault('bench.stuck', `${rows[0]?.online} gateways are online that were ended`);
    await delay(250);
  }
}

/** Gateways that come up know of no target: they would be given the one that the database has. */
export async function forgetTargets({ client }: Ground): Promise<void> {
  await client.query('delete from target');
}

/** A policy that gives everybody this APN. */
export async function makePolicy({ controlPlane: { api } }: Ground, name: string, apn: string): Promise<VersionRef> {
  const profile = { apn, ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: true };
  const made = await api.post('/v1/profiles', { name, profile }, profileVersionSchema);
  const rules = [{ name: 'everyone', level: 'fleet', profile: { id: made.id, version: made.version } }];
  const { id, version } = await api.post('/v1/policies', { name, rules }, policyVersionSchema);
  return { id, version };
}

export interface Draft {
  readonly name: string;
  readonly policy: VersionRef;
  readonly selection: object;
  readonly settings: object;
}

/** Drafts and plans a rollout. @returns its id */
export async function planRollout({ controlPlane: { api } }: Ground, draft: Draft): Promise<string> {
  const { id } = await api.post('/v1/rollouts', draft, rolloutSchema);
  await api.post(`/v1/rollouts/${id}/plan`, {}, rolloutSchema);
  return id;
}

export async function startRollout({ controlPlane: { api } }: Ground, id: string): Promise<void> {
  for (const act of ['submit', 'start']) await api.post(`/v1/rollouts/${id}/${act}`, {}, rolloutSchema);
}

/** @throws Fault `bench.stuck` with where it stands */
export async function untilRollout({ controlPlane: { api } }: Ground, id: string, isSo: (rollout: Rollout) => boolean): Promise<Rollout> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const now = await api.get(`/v1/rollouts/${id}`, rolloutSchema);
    if (isSo(now)) return now;
    if (performance.now() > endMs) throw new Fault('bench.stuck', `${now.state}, ${now.obstacle}: ${JSON.stringify(now.counts)}`);
    await delay(1_000);
  }
}
