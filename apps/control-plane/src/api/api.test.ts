import { silentLog } from '@towline/kit';
import {
  auditPageSchema,
  createdTokenSchema,
  groupSchema,
  operatorSchema,
  problemSchema,
  readinessSchema,
  siteSchema,
  tokenSchema,
  whoamiSchema,
} from '@towline/protocol/http';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { firstStart } from '../operators/first-start.ts';
import { systemIds } from '../platform/clock.ts';
import { openDatabase } from '../platform/database.ts';
import { defaultThrottlePolicies } from '../platform/http/request-throttles.ts';
import { createTestDatabase } from '../platform/testing/test-database.ts';
import { createApiApp } from './create-api-app.ts';
import { type ApiHarness, createApiHarness } from './testing/api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await createApiHarness();
});
afterAll(() => api.close());

const unknownId = '7b0cbd5c-6a3f-4f0e-9d0f-0f6a6bb8f0a1';

describe('who may call', () => {
  it.each([
    ['', 401, 'auth.missing'],
    ['nonsense', 401, 'auth.refused'],
    [`tw_${'A'.repeat(43)}`, 401, 'auth.refused'],
  ])('refuses the token %j', async (token, status, code) => {
    const answer = await api.call('GET', '/v1/me', undefined, token);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(problemSchema.parse(answer.body)).toMatchObject({ status, code, instance: '/v1/me' });
  });

  it('says who the bearer is', async () => {
    expect(await api.expectOk(whoamiSchema, 'GET', '/v1/me')).toMatchObject({ tenant: 'main', name: 'admin', role: 'admin' });
  });

  it('answers 403 inside the tenant and 404 outside it, like for what does not exist', async () => {
    const site = await api.expectOk(siteSchema, 'POST', '/v1/sites', { name: 'North' });
    const viewer = await api.tokenFor('main', 'viewer');
    const stranger = await api.tokenFor('other', 'admin');
    const refused = await api.call('PATCH', `/v1/sites/${site.id}`, { name: 'x' }, viewer);
    expect(refused.status).toBe(403);
    expect(problemSchema.parse(refused.body).detail).toBe('the role viewer does not allow this: it takes operator');
    expect((await api.call('GET', `/v1/sites/${site.id}`, undefined, viewer)).status).toBe(200);
    const outside = await api.call('PATCH', `/v1/sites/${site.id}`, { name: 'x' }, stranger);
    const nowhere = await api.call('PATCH', `/v1/sites/${unknownId}`, { name: 'x' }, stranger);
    expect(outside.status).toBe(404);
    expect({ ...problemSchema.parse(outside.body), instance: '' }).toEqual({ ...problemSchema.parse(nowhere.body), instance: '' });
    expect((await api.call('DELETE', `/v1/sites/${site.id}`, undefined, stranger)).status).toBe(404);
  });

  it('refuses a token from the moment it is revoked, and all of a disabled operator', async () => {
    const operator = await api.expectOk(operatorSchema, 'POST', '/v1/operators', { name: 'Ann', role: 'viewer' });
    const first = await api.expectOk(createdTokenSchema, 'POST', `/v1/operators/${operator.id}/tokens`, { label: 'laptop' });
    const second = await api.expectOk(createdTokenSchema, 'POST', `/v1/operators/${operator.id}/tokens`, { label: 'phone' });
    expect((await api.call('GET', '/v1/me', undefined, first.secret)).status).toBe(200);
    await api.expectOk(tokenSchema, 'DELETE', `/v1/tokens/${first.id}`);
    expect((await api.call('GET', '/v1/me', undefined, first.secret)).status).toBe(401);
    await api.expectOk(operatorSchema, 'POST', `/v1/operators/${operator.id}/disable`);
    expect((await api.call('GET', '/v1/me', undefined, second.secret)).status).toBe(401);
    const listed = await api.call('GET', `/v1/operators/${operator.id}/tokens`);
    expect(JSON.stringify(listed.body)).not.toContain(second.secret);
  });

  it('keeps no token in the database', async () => {
    const rows = await api.database.pool.query('select * from operator_token');
    expect(JSON.stringify(rows.rows)).not.toContain(api.token);
  });
});

describe('what is wrong with a request', () => {
  it.each([
    ['POST', '/v1/sites', { name: '' }, 422, 'name'],
    ['POST', '/v1/sites', { name: 'x', extra: 1 }, 422, 'extra'],
    ['POST', '/v1/groups', { name: 'x', rank: 'high' }, 422, 'rank'],
    ['POST', '/v1/groups/7b0cbd5c-6a3f-4f0e-9d0f-0f6a6bb8f0a1/members', { add: ['0123456789', 'UPPER'] }, 422, 'add[1]'],
    ['GET', '/v1/sites?limit=1000', undefined, 422, 'limit'],
    ['GET', '/v1/devices/UPPER', undefined, 422, 'id'],
    ['POST', '/v1/sites', undefined, 422, 'name'],
    ['GET', '/v1/sites?cursor=abc', undefined, 400, 'cursor'],
    ['GET', '/v1/sites?colour=red', undefined, 422, 'colour'],
  ] as const)('tells of %s %s by path', async (method, url, body, status, path) => {
    const answer = await api.call(method, url, body);
    expect(answer.status).toBe(status);
    expect(problemSchema.parse(answer.body).errors?.map((error) => error.path)).toContain(path);
  });

  it('answers a broken body, a foreign type, a huge body and an unknown path as problems', async () => {
    const send = (payload: string, type: string) =>
      api.app.inject({
        method: 'POST',
        url: '/v1/sites',
        payload,
        headers: { 'content-type': type, authorization: `Bearer ${api.token}` },
      });
    const answers = await Promise.all([
      send('{', 'application/json'),
      send('a', 'text/xml'),
      send(`"${'x'.repeat(2 << 20)}"`, 'application/json'),
      api.app.inject('/nowhere'),
    ]);
    expect(answers.map((answer) => answer.statusCode)).toEqual([400, 415, 413, 404]);
    for (const answer of answers) expect(problemSchema.safeParse(answer.json()).success).toBe(true);
  });

  it('takes a DELETE that names a type and has no body, as many clients send it', async () => {
    const site = await api.expectOk(siteSchema, 'POST', '/v1/sites', { name: 'short-lived' });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${api.token}` };
    const answer = await api.app.inject({ method: 'DELETE', url: `/v1/sites/${site.id}`, headers, payload: '' });
    expect(answer.statusCode).toBe(204);
    const form = { 'content-type': 'application/x-www-form-urlencoded', authorization: `Bearer ${api.token}` };
    expect((await api.app.inject({ method: 'POST', url: '/v1/sites', headers: form, payload: 'name=x' })).statusCode).toBe(415);
  });

  it('names a conflict', async () => {
    await api.expectOk(groupSchema, 'POST', '/v1/groups', { name: 'twice', rank: 7 });
    const answer = await api.call('POST', '/v1/groups', { name: 'twice', rank: 8 });
    expect(problemSchema.parse(answer.body)).toMatchObject({ status: 409, code: 'resource.conflict' });
  });
});

describe('what else it serves', () => {
  it('is alive, ready and measured', async () => {
    expect((await api.call('GET', '/health/live', undefined, '')).body).toEqual({ status: 'up' });
    expect((await api.call('GET', '/health/ready', undefined, '')).status).toBe(200);
    expect((await api.call('GET', '/metrics', undefined, '')).body).toContain('towline_http_request_seconds');
  });

  it('tells who changed what', async () => {
    const page = await api.expectOk(auditPageSchema, 'GET', '/v1/audit?limit=2');
    expect(page.items).toHaveLength(2);
    expect(page.next).not.toBeNull();
    const next = await api.expectOk(auditPageSchema, 'GET', `/v1/audit?limit=2&cursor=${page.next}`);
    expect(Number(next.items[0]?.id)).toBeLessThan(Number(page.items[1]?.id));
  });

  it('documents every route with its errors, and the page loads nothing from elsewhere', async () => {
    const documentSchema = z.object({
      paths: z.record(z.string(), z.record(z.string(), z.object({ responses: z.record(z.string(), z.unknown()) }))),
    });
    const { paths } = documentSchema.parse((await api.call('GET', '/docs/openapi.json', undefined, '')).body);
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { responses }] of Object.entries(methods)) {
        const wanted = /^\/(health|metrics|v1\/enrolments)/.test(path) ? ['429'] : ['401', '403', '429'];
        expect({ [`${method} ${path}`]: Object.keys(responses) }).toEqual({ [`${method} ${path}`]: expect.arrayContaining(wanted) });
      }
    }
    const page = await api.app.inject('/docs');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page.body).not.toMatch(/<script(?![^>]*src=)[^>]*>[^<]*\S/);
  });
});

describe('a flood', () => {
  it('of wrong tokens is answered 429, while whoever had a valid one goes on', async () => {
    const failedLogins = { limit: 3, windowMs: 60_000, maxKeys: 10 };
    const flooded = await createApiHarness({ throttlePolicies: { ...defaultThrottlePolicies, failedLogins } });
    const wrong = () => flooded.call('GET', '/v1/me', undefined, `tw_${'A'.repeat(43)}`);
    const newcomer = await flooded.tokenFor('main', 'viewer');
    expect((await flooded.call('GET', '/v1/me')).status).toBe(200);
    const answers = [await wrong(), await wrong(), await wrong(), await wrong()];
    expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401, 429]);
    expect(answers[3]?.headers['retry-after']).toBe('60');
    expect((await flooded.call('GET', '/v1/me')).status).toBe(200);
    expect((await flooded.call('GET', '/v1/me', undefined, newcomer)).status).toBe(429);
    await flooded.close();
  });

  it('of valid requests is answered 429 to that caller alone', async () => {
    const byCaller = { limit: 2, windowMs: 60_000, maxKeys: 10 };
    const flooded = await createApiHarness({ throttlePolicies: { ...defaultThrottlePolicies, byCaller } });
    const other = await flooded.tokenFor('main', 'viewer');
    const statuses = [];
    for (let sent = 0; sent < 3; sent += 1) statuses.push((await flooded.call('GET', '/v1/me')).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await flooded.call('GET', '/v1/me', undefined, other)).status).toBe(200);
    await flooded.close();
  });
});

describe('a database that does not answer', () => {
  it('makes every request 503 and the process not ready, but alive', async () => {
    const cut = await createApiHarness();
    const reachable = cut.database.url;
    const { pool } = openDatabase({
      url: reachable.replace(/:\d+\//, ':1/'),
      applicationName: 'towline-test',
      connections: 1,
      log: silentLog,
    });
    const app = await createApiApp({ ...cut.ports, metrics: new Registry(), database: { ...cut.database, pool } });
    await app.init();
    const ready = await app.inject('/health/ready');
    expect(ready.statusCode).toBe(503);
    expect(readinessSchema.parse(ready.json()).checks).toEqual([{ name: 'database', status: 'down', reason: 'ECONNREFUSED' }]);
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    const list = await app.inject({ url: '/v1/devices', headers: { authorization: `Bearer ${cut.token}` } });
    expect(problemSchema.parse(list.json())).toMatchObject({ status: 503, code: 'unavailable' });
    await app.close();
    await cut.close();
  });
});

describe('the first start', () => {
  it('gives one token to one of two processes, and none later', async () => {
    const database = await createTestDatabase();
    const tokens = await Promise.all([firstStart(database, systemIds), firstStart(database, systemIds)]);
    expect(tokens.filter((token) => token !== null)).toHaveLength(1);
    expect(await firstStart(database, systemIds)).toBeNull();
    await database.close();
  });

  it('makes none that could not be kept', async () => {
    const database = await createTestDatabase();
    const fullDisk = () => {
      throw new Error('ENOSPC');
    };
    await expect(firstStart(database, systemIds, fullDisk)).rejects.toThrow('ENOSPC');
    expect(await firstStart(database, systemIds)).not.toBeNull();
    await database.close();
  });
});
