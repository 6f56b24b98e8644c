import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { Agent } from '@towline/agent';
import { waitUntil } from '@towline/demo';
import { jobPageSchema, rolloutProgressSchema, rolloutSchema, webhookMessageSchema, webhookWithSecretSchema } from '@towline/protocol/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Operator } from './harness/operator.ts';
import { agentInProcess, raiseTappedFleet } from './harness/tapped-fleet.ts';
import { startWorld, type World } from './harness/world.ts';

const fleet = raiseTappedFleet(['ec200a', 'ec25', 'bg96']);
const received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
let receiver: Server;
let receiverUrl = '';
let world: World;
let operator: Operator;
const agents: Agent[] = [];

function listen(): Promise<string> {
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(204).end();
    });
  });
  return new Promise((listening) => {
    receiver.listen(0, '127.0.0.1', () => {
      const address = receiver.address();
      listening(typeof address === 'object' && address ? `http://127.0.0.1:${address.port}/towline` : '');
    });
  });
}

beforeAll(async () => {
  receiverUrl = await listen();
  world = await startWorld({ environment: { TOWLINE_WEBHOOK_NETWORKS: '127.0.0.0/8' } });
  operator = new Operator(world.api);
  const place = { url: world.httpUrl, claimToken: await world.claimToken(fleet.gateways.length) };
  for (const gateway of fleet.gateways) {
    const agent = agentInProcess(gateway, place);
    agents.push(agent);
    await agent.start();
  }
  await waitUntil('every gateway to enrol', async () => {
    const devices = await operator.devices();
    return devices.filter(({ online, registration }) => online && registration === 'home').length === fleet.gateways.length ? true : null;
  });
});

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await world?.stop();
  receiver?.close();
});

const typesTold = () => received.map(({ body }) => webhookMessageSchema.parse(JSON.parse(body)).type);

describe('an order for the whole fleet', () => {
  it('is done by every gateway, seen live, and told to whoever wants to know, signed', async () => {
    const { api } = world;
    const webhook = await api.post('/v1/webhooks', { url: receiverUrl, types: ['rollout.*'] }, webhookWithSecretSchema);
    const draft = { name: 'signals', order: { kind: 'ask-modem', command: 'AT+CSQ' }, selection: { filter: 'online==true' } };
    const { id } = await api.post('/v1/rollouts', { ...draft, settings: { waves: { kind: 'counts', sizes: [1, 2] } } }, rolloutSchema);
    const live = await fetch(`${world.httpUrl}/v1/rollouts/${id}/stream`, { headers: { authorization: `Bearer ${world.token}` } });
    const seen = live.text();
    for (const act of ['plan', 'submit', 'start']) await api.post(`/v1/rollouts/${id}/${act}`, {}, rolloutSchema);
    const finished = await waitUntil('the rollout to finish', async () => {
      const rollout = await api.get(`/v1/rollouts/${id}`, rolloutSchema);
      return rollout.state === 'finished' ? rollout : null;
    });
    expect(finished).toMatchObject({ reason: 'rollout.done', counts: { succeeded: 3 }, currentWave: 2 });
    const { items } = await api.get('/v1/jobs?limit=10', jobPageSchema);
    expect(items.map(({ result }) => result)).toEqual(
      fleet.gateways.map(() => ({ lines: [expect.stringMatching(/^\+CSQ: /)], complete: true })),
    );
    // The stream ends with the rollout, and what came last is all of it.
    const last =
      (await seen)
        .match(/^data: (.*)$/gm)
        ?.at(-1)
        ?.slice(6) ?? '';
    expect(rolloutProgressSchema.parse(JSON.parse(last))).toMatchObject({ state: 'finished', counts: { succeeded: 3 } });
    await waitUntil('the message of its end', () => (typesTold().includes('rollout.finished') ? true : null));
    expect(typesTold()).toEqual(
      expect.arrayContaining(['rollout.started', 'rollout.wave-opened', 'rollout.wave-succeeded', 'rollout.finished']),
    );
    const key = Buffer.from(webhook.secret.replace('whsec_', ''), 'base64');
    for (const { headers, body } of received) {
      const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
      expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    }
  });

  it('to scan names the networks that each modem sees', async () => {
    const [device] = await operator.devices();
    const job = await operator.carryOut(device?.id ?? '', { kind: 'scan' });
    expect(job).toMatchObject({ state: 'succeeded', result: { lines: [expect.stringMatching(/^\d{5,6} current /)] } });
  });

  it('to restart a gateway is rejected by one whose configuration names no way to it', async () => {
    const [device] = await operator.devices();
    expect(await operator.carryOut(device?.id ?? '', { kind: 'reboot' })).toMatchObject({
      state: 'rejected',
      fault: { code: 'job.not-allowed' },
    });
  });
});
