import { waitUntil } from '@towline/demo';
import { problemSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from './harness/world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await waitUntil('the edge', () => world.roleProcess('edge'));
});

afterAll(() => world?.stop());

/** Every table that an operator writes to, with its rows counted. */
async function storedCounts(): Promise<unknown[]> {
  const tables = [
    'connection_profile',
    'connection_profile_version',
    'apn_policy',
    'apn_policy_version',
    'target',
    'job',
    'site',
    'outbox',
  ];
  return world.query(tables.map((table) => `select '${table}' as table, count(*) from ${table}`).join(' union all '));
}

async function ask(method: string, path: string, body?: unknown) {
  const response = await fetch(`${world.httpUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${world.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  return { status: response.status, problem: problemSchema.parse(await response.json()) };
}

const profile = (apn: string) => ({ name: 'wrong', profile: { apn, ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: true } });

describe('a profile with an APN that no AT command may carry', () => {
  it.each([
    ['with a double quote', 'a"b'],
    ['with a carriage return', 'a\rAT+CFUN=0'],
    ['with a NUL', 'a\u0000b'],
    ['of 101 octets', 'a'.repeat(101)],
    ['that is empty', ''],
  ])('%s is refused by name of the field, and nothing is stored', async (_what, apn) => {
    const before = await storedCounts();
    const { status, problem } = await ask('POST', '/v1/profiles', profile(apn));
    expect({ status, code: problem.code, paths: problem.errors?.map(({ path }) => path) }).toEqual({
      status: 422,
      code: 'request.invalid',
      paths: expect.arrayContaining(['profile.apn']),
    });
    expect(await storedCounts()).toEqual(before);
  });

  it('of 100 octets is taken', async () => {
    const response = await fetch(`${world.httpUrl}/v1/profiles`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...profile('a'.repeat(100)), name: 'longest' }),
    });
    expect(response.status).toBe(201);
  });
});

describe('a request that is not understood', () => {
  it('with an unknown field is refused with its path', async () => {
    const before = await storedCounts();
    const { status, problem } = await ask('POST', '/v1/sites', { name: 'north', colour: 'red' });
    expect({ status, code: problem.code }).toEqual({ status: 422, code: 'request.invalid' });
    expect(JSON.stringify(problem.errors)).toContain('colour');
    expect(await storedCounts()).toEqual(before);
  });

  it('with an unknown query member is refused with its name', async () => {
    const { status, problem } = await ask('GET', '/v1/devices?colour=red');
    expect(status).toBe(422);
    expect(JSON.stringify(problem.errors)).toContain('colour');
  });

  it.each(['site==', 'nothing==1', 'signal=lt=weak', 'tag==a;(', 'name=like=x'])(
    'with the filter %s is refused as a filter',
    async (filter) => {
      const { status, problem } = await ask('GET', `/v1/devices?filter=${encodeURIComponent(filter)}`);
      expect({ status, code: problem.code }).toEqual({ status: 400, code: 'filter.invalid' });
      expect(problem.detail).not.toBe('');
    },
  );

  it('with a body that is no JSON is refused', async () => {
    const response = await fetch(`${world.httpUrl}/v1/sites`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.token}`, 'content-type': 'application/json' },
      body: '{"name":',
    });
    expect(problemSchema.parse(await response.json())).toMatchObject({ status: 400, code: 'request.malformed' });
  });

  it('without a token, or with a wrong one, is refused and says nothing of what is there', async () => {
    for (const headers of [{}, { authorization: 'Bearer tw_wrong' }]) {
      const response = await fetch(`${world.httpUrl}/v1/devices`, { headers });
      expect(response.status).toBe(401);
    }
  });
});
