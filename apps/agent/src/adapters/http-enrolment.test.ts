import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { httpEnrolment } from './http-enrolment.ts';

let server: Server | null = null;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const request = {
  claimToken: 'claim-token',
  secret: 's'.repeat(43),
  name: null,
  fingerprint: { boardSerial: 'b', imeis: ['490154203237518'] },
};

/** A control plane that gives one answer, and what it was asked. */
async function answering(status: number, body: unknown) {
  const asked: { url: string | undefined; body: string }[] = [];
  server = createServer((incoming, response) => {
    let text = '';
    incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
    incoming.on('end', () => {
      asked.push({ url: incoming.url, body: text });
      response.writeHead(status, { 'content-type': 'application/json', location: '/elsewhere' }).end(JSON.stringify(body));
    });
  });
  const listener = server;
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`, asked };
}

describe('enrolment over HTTP', () => {
  it('gives the identity that the control plane answers with', async () => {
    const { url, asked } = await answering(201, { tenant: 'acme', device: '0123456789', mqttUrl: 'mqtt://127.0.0.1:1883' });
    expect(await httpEnrolment(url).enrol(request)).toEqual({
      ok: true,
      tenant: 'acme',
      device: '0123456789',
      mqttUrl: 'mqtt://127.0.0.1:1883',
    });
    expect(asked[0]?.url).toBe('/v1/enrolments');
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      claimToken: 'claim-token',
      secret: request.secret,
      fingerprint: request.fingerprint,
    });
  });

  it.each([
    [403, { code: 'claim.used' }, { ok: false, reason: 'refused', code: 'claim.used' }],
    [400, 'nonsense', { ok: false, reason: 'refused', code: 'http.400' }],
    [429, { code: 'too-many' }, { ok: false, reason: 'unreachable', code: 'too-many' }],
    [503, null, { ok: false, reason: 'unreachable', code: 'http.503' }],
    [201, { tenant: 'acme' }, { ok: false, reason: 'unreachable', code: 'enrolment.unreadable-answer' }],
  ])('reads a %i with %j', async (status, body, expected) => {
    const { url } = await answering(status, body);
    expect(await httpEnrolment(url).enrol(request)).toEqual(expected);
  });

  it('follows no redirect with the credential in its hands', async () => {
    const { url, asked } = await answering(307, {});
    expect(await httpEnrolment(url).enrol(request)).toMatchObject({ ok: false, reason: 'unreachable' });
    expect(asked).toHaveLength(1);
  });

  it('calls a control plane that is not there unreachable', async () => {
    expect(await httpEnrolment('http://127.0.0.1:9').enrol(request)).toMatchObject({ ok: false, reason: 'unreachable' });
  });
});
