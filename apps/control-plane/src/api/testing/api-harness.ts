import { randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Fault, silentLog } from '@towline/kit';
import type { Role } from '@towline/protocol/http';
import { Registry } from 'prom-client';
import * as z from 'zod';
import { noAccounts } from '../../broker/device-accounts.ts';
import { firstStart } from '../../operators/first-start.ts';
import { newToken, tokenHash } from '../../operators/token.ts';
import { type ChangeListener } from '../../platform/change-feed.ts';
import { systemClock, systemIds } from '../../platform/clock.ts';
import type { ApiPorts } from '../../platform/http/api-ports.ts';
import { defaultThrottlePolicies } from '../../platform/http/request-throttles.ts';
import { createSealer } from '../../platform/sealer.ts';
import { createTestDatabase, type TestDatabase } from '../../platform/testing/test-database.ts';
import { createApiApp } from '../create-api-app.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** As JSON, where it is JSON. */
  readonly body: unknown;
}

export interface ApiHarness {
  readonly app: NestFastifyApplication;
  readonly database: TestDatabase;
  readonly ports: ApiPorts;
  /** Of the first admin. */
  readonly token: string;
  readonly changes: Set<ChangeListener>;
  call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: unknown, token?: string): Promise<Answer>;
  /** The answer's body by its schema; anything but 2xx fails. */
  expectOk<Body>(schema: z.ZodType<Body>, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: unknown): Promise<Body>;
  /** A token for a new operator of any tenant. */
  tokenFor(tenant: string, role: Role): Promise<string>;
  close(): Promise<void>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function tokenFor(database: TestDatabase, tenantId: string, role: Role): Promise<string> {
  const token = newToken(systemIds);
  await database.prisma.tenant.upsert({ where: { id: tenantId }, create: { id: tenantId, name: tenantId }, update: {} });
  const operator = await database.prisma.operator.create({
    data: { tenantId, id: systemIds.uuid(), name: `${role} ${systemIds.uuid()}`, role },
  });
  await database.prisma.operatorToken.create({
    data: { tenantId, id: systemIds.uuid(), operatorId: operator.id, label: 'test', secretHash: tokenHash(token) },
  });
  return token;
}

/** The API over a database of its own, called without a socket. */
export async function createApiHarness(change: Partial<ApiPorts> = {}): Promise<ApiHarness> {
  const database = await createTestDatabase();
  const changes = new Set<ChangeListener>();
  const ports: ApiPorts = {
    database,
    changeFeed: {
      subscribe(listener) {
        changes.add(listener);
        return () => changes.delete(listener);
      },
    },
    clock: systemClock,
    ids: systemIds,
    log: silentLog,
    sealer: createSealer(randomBytes(32)),
    metrics: new Registry(),
    deviceAccounts: noAccounts,
    publicMqttUrl: 'mqtt://127.0.0.1:1883',
    throttlePolicies: defaultThrottlePolicies,
    webhookNetworks: [],
    ...change,
  };
  const token = await firstStart(database, systemIds);
  if (token === null) throw new Fault('test.no-token', 'the database was not empty');
  const app = await createApiApp(ports);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  const call: ApiHarness['call'] = async (method, url, body, bearer = token) => {
    const json = body === undefined ? {} : { payload: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const headers = { ...json.headers, ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }) };
    const answer = await app.inject({ method, url, ...json, headers });
    return { status: answer.statusCode, headers: answer.headers, body: parsed(answer.body) };
  };
  return {
    app,
    database,
    ports,
    token,
    changes,
    call,
    async expectOk(schema, method, url, body) {
      const answer = await call(method, url, body);
      if (answer.status >= 300) throw new Fault('test.not-ok', `${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return schema.parse(answer.body);
    },
    tokenFor: (tenant, role) => tokenFor(database, tenant, role),
    async close() {
      await app.close();
      await database.close();
    },
  };
}
