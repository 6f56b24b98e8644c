import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { waitUntil } from '@towline/demo';
import { type WebhookDelivery, webhookDeliveryPageSchema, webhookWithSecretSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from './harness/certificates.ts';
import { startWorld, storyDirectory, type World } from './harness/world.ts';

/** A server over TLS, and what was posted to it. */
interface Endpoint {
  readonly url: string;
  readonly bodies: string[];
  close(): void;
}

let world: World;
let endpoints: Record<'right' | 'otherName' | 'foreign', Endpoint>;

async function startEndpoint({ certificate, key }: Certificates): Promise<Endpoint> {
  const bodies: string[] = [];
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the endpoint does not listen');
  return { url: `https://127.0.0.1:${address.port}/towline`, bodies, close: () => void server.close() };
}

beforeAll(async () => {
  const directory = storyDirectory();
  const made = (name: string, subject?: string) => {
    mkdirSync(join(directory, name));
    return makeCertificates(join(directory, name), subject);
  };
  const [right, otherName, foreign] = [made('right'), made('other-name', 'DNS:hooks.example.net'), made('foreign')];
  const trusted = join(directory, 'trusted.pem');
  writeFileSync(trusted, [right, otherName].map(({ authority }) => readFileSync(authority, 'utf8')).join(''));
  endpoints = {
    right: await startEndpoint(right),
    otherName: await startEndpoint(otherName),
    foreign: await startEndpoint(foreign),
  };
  const environment = { TOWLINE_WEBHOOK_NETWORKS: '127.0.0.0/8', NODE_EXTRA_CA_CERTS: trusted };
  world = await startWorld({ directory, environment });
});

afterAll(async () => {
  for (const endpoint of Object.values(endpoints ?? {})) endpoint.close();
  await world?.stop();
});

/** What became of the first try of a test message. */
async function firstTry({ url }: Endpoint): Promise<WebhookDelivery> {
  const { id } = await world.api.post('/v1/webhooks', { url, types: ['webhook.test'] }, webhookWithSecretSchema);
  await fetch(`${world.httpUrl}/v1/webhooks/${id}/test`, { method: 'POST', headers: { authorization: `Bearer ${world.token}` } });
  return waitUntil('the first try', async () => {
    const { items } = await world.api.get(`/v1/webhooks/${id}/deliveries`, webhookDeliveryPageSchema);
    return items.find(({ lastStatus, lastError }) => lastStatus !== null || lastError !== null) ?? null;
  });
}

it('a message reaches an endpoint whose certificate an authority of the operator’s own has signed', async () => {
  expect(await firstTry(endpoints.right)).toMatchObject({ state: 'delivered', lastStatus: 204, lastError: null });
  expect(endpoints.right.bodies.map((body): unknown => JSON.parse(body))).toMatchObject([{ type: 'webhook.test' }]);
});

it.each([
  ['is for another name', 'otherName', 'certificate-other-name'],
  ['nobody whom the control plane trusts has signed', 'foreign', 'certificate-untrusted'],
] as const)('an endpoint whose certificate %s is told nothing, and its delivery says why', async (_what, endpoint, lastError) => {
  expect(await firstTry(endpoints[endpoint])).toMatchObject({ state: 'waiting', attempt: 1, lastStatus: null, lastError });
  expect(endpoints[endpoint].bodies).toEqual([]);
});
