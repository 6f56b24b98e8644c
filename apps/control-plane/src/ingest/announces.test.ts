import { silentLog } from '@towline/kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemIds } from '../platform/clock.ts';
import { inPipelinedTransaction, openPool, type SqlPool } from '../platform/database.ts';
import { createTestDatabase, type TestDatabase } from '../platform/testing/test-database.ts';
import { type BatchOutcome, commitBatch } from './commit-batch.ts';
import type { ReadMessage } from './read-message.ts';

const wave = 1000;
const receivedAt = Date.UTC(2026, 10, 21, 12);
const ids = Array.from({ length: wave }, (_, number) => String(number).padStart(10, '0'));
const digest = 'a'.repeat(64);
const profile = { apn: 'fleet.north', ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: true };

let database: TestDatabase;
let edges: SqlPool[];
beforeAll(async () => {
  database = await createTestDatabase();
  const edge = (name: string) => openPool({ url: database.url, applicationName: name, connections: 1, log: silentLog, pipeline: true });
  edges = [edge('one'), edge('other')];
  const { prisma } = database;
  const [policyId, createdBy] = [systemIds.uuid(), systemIds.uuid()];
  await prisma.tenant.create({ data: { id: 'main', name: 'main' } });
  await prisma.apnPolicy.create({ data: { tenantId: 'main', id: policyId, name: policyId } });
  await prisma.apnPolicyVersion.create({ data: { tenantId: 'main', policyId, version: 1, document: {}, createdBy } });
  await prisma.device.createMany({ data: ids.map((id) => ({ tenantId: 'main', id, name: id, tags: [] })) });
  const rules = [{ name: 'north', level: 'fleet', when: {}, profileRef: 'p@1', profile }];
  const document = { salt: 'salt-salt-salt-salt', policy: { id: policyId, version: 1 }, rules };
  const target = { tenantId: 'main', epoch: 1, number: 2, digest, document, policyId, policyVersion: 1, assignedBy: createdBy };
  await prisma.target.createMany({ data: ids.map((deviceId) => ({ ...target, deviceId })) });
});
afterAll(async () => {
  await Promise.all(edges.map((edge) => edge.end()));
  await database.close();
});

const announce = (device: string): ReadMessage => ({
  kind: 'announce',
  address: { tenant: 'main', device },
  receivedAt,
  announce: {
    transaction: `change-${device}`,
    nonce: `nonce-${device}`,
    version: { epoch: 1, number: 2 },
    digest,
    modem: 'modem0',
    iccid: '8988',
    profileRef: 'p@1',
    bearer: { requestedApn: 'fleet.north', apn: 'fleet.north', ipType: 'ipv4', dataMode: 'qmi', addresses: [] },
    pinned: true,
  },
});
const options = { retentionMs: 86_400_000, isTouchDue: () => true, isResendDue: () => true, recall: () => null };
const commit = (edge: SqlPool, messages: ReadMessage[]): Promise<BatchOutcome> =>
  inPipelinedTransaction(edge, (client, later) => commitBatch({ client, later }, messages, options));

it('a wave that asks all at once is answered whole, by two edges that take over from each other too', async () => {
  const [one, other] = edges;
  if (!one || !other) throw new Error('no edges');
  const asked = ids.map(announce);
  const outcomes = await Promise.all([commit(one, asked), commit(other, asked.toReversed())]);
  for (const { answers } of outcomes) expect(answers.filter(({ refusal }) => refusal === null)).toHaveLength(wave);
  // It is news once, whoever said it first.
  expect(outcomes.flatMap(({ answers }) => answers.filter(({ isNews }) => isNews))).toHaveLength(wave);
  expect(await database.prisma.target.count({ where: { confirmedAt: { not: null }, heldAt: { not: null } } })).toBe(wave);
  expect(await database.prisma.outbox.count({ where: { channel: 'confirm' } })).toBe(2 * wave);
});
