import { manualClock } from '@towline/kit';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import { allowedNetworks } from './address-guard.ts';
import { attemptTimeoutMs, failureOf, sendWebhook } from './send-webhook.ts';
import { type Receiver, startReceiver } from './testing/receiver.ts';

const local = allowedNetworks([{ address: '127.0.0.0', prefix: 8 }]);
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

const send = (url: string, clock = systemClock) => sendWebhook({ url, headers: { 'webhook-id': 'x' }, body: '{"a":"ü"}' }, local, clock);

it('posts the body with its headers', async () => {
  expect(await send(`${receiver.url}/well`)).toEqual({ ok: true, status: 204 });
  expect(receiver.received.at(-1)).toMatchObject({ body: '{"a":"ü"}', headers: { 'webhook-id': 'x', 'content-type': 'application/json' } });
});

it.each([
  ['/wrong', { ok: false, failure: 'refused', status: 500 }],
  ['/cut', { ok: false, failure: 'connection-failed', status: null }],
  ['/garbage', { ok: false, failure: 'connection-failed', status: null }],
  ['/endless', { ok: true, status: 200 }],
])('ends a try at %s', async (path, outcome) => {
  expect(await send(`${receiver.url}${path}`)).toEqual(outcome);
});

it('follows no redirect', async () => {
  const before = receiver.received.length;
  expect(await send(`${receiver.url}/redirect`)).toEqual({ ok: false, failure: 'redirected', status: 307 });
  expect(receiver.received.length).toBe(before + 1);
});

it.each([
  ['/silent', { ok: false, failure: 'timed-out', status: null }],
  ['/slow-body', { ok: true, status: 200 }],
])('waits no longer than its time for %s', async (path, outcome) => {
  const clock = manualClock();
  const before = receiver.received.length;
  const sent = send(`${receiver.url}${path}`, clock);
  await vi.waitFor(() => expect(receiver.received.length).toBe(before + 1));
  // The answer's first line may still be under way when the request was taken.
  await fetch(`${receiver.url}/well`);
  await clock.advance(attemptTimeoutMs);
  expect(await sent).toEqual(outcome);
});

it('looks at where a name leads before it connects', async () => {
  const before = receiver.received.length;
  const port = new URL(receiver.url).port;
  const none = allowedNetworks([]);
  const request = { url: `https://localhost:${port}/well`, headers: {}, body: '{}' };
  expect(await sendWebhook(request, none, systemClock)).toEqual({ ok: false, failure: 'address-refused', status: null });
  expect(await sendWebhook({ ...request, url: `http://127.0.0.1:${port}/well` }, none, systemClock)).toMatchObject({
    failure: 'address-refused',
  });
  expect(receiver.received.length).toBe(before);
});

it('says so where the name is unknown, TLS fails or nobody listens', async () => {
  const port = new URL(receiver.url).port;
  const both = allowedNetworks([
    { address: '127.0.0.0', prefix: 8 },
    { address: '::1', prefix: 128 },
  ]);
  const outcomeOf = async (url: string) => sendWebhook({ url, headers: {}, body: '{}' }, both, systemClock);
  expect(await outcomeOf('https://nothing.invalid/x')).toMatchObject({ failure: 'name-unknown' });
  expect(await outcomeOf(`https://127.0.0.1:${port}/well`)).toMatchObject({ failure: 'tls-failed' });
  expect(await outcomeOf('http://127.0.0.1:1/x')).toMatchObject({ failure: 'connection-failed' });
});

it.each([
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate-untrusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate-untrusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate-untrusted'],
  ['CERT_REVOKED', 'certificate-untrusted'],
  ['CERT_HAS_EXPIRED', 'certificate-expired'],
  ['CERT_NOT_YET_VALID', 'certificate-expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate-other-name'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls-failed'],
  ['EAI_AGAIN', 'name-unknown'],
  ['ECONNRESET', 'connection-failed'],
])('tells %s as %s', (code, failure) => {
  expect(failureOf(Object.assign(new Error('x'), { code }))).toBe(failure);
});
