import { lookup as resolve } from 'node:dns';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type Clock, Fault, faultCode } from '@towline/kit';
import type { WebhookFailure } from '@towline/protocol/http';
import { type AllowedNetworks, hostOf, mayConnect, urlProblem } from './address-guard.ts';
import { type AttemptOutcome, outcomeOfStatus } from './settle-attempt.ts';

export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** For name, connection, TLS and answer together. */
export const attemptTimeoutMs = 10_000;
/** What is read of an answer's body before the connection is closed over it: nobody looks at it. */
const maxAnswerBytes = 16 * 1024;

const refusedCode = 'webhook.address-refused';

/**
 * Names are resolved here and the socket goes to the very addresses that were looked at: a name that leads elsewhere at the next
 * question gains nothing. One address that is not allowed is enough to refuse the name.
 */
function guardedLookup(allowed: AllowedNetworks): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return done(error ?? new Fault('webhook.name-unknown', 'the name has no address'), []);
      if (!addresses.every(({ address }) => mayConnect(address, allowed))) {
        return done(new Fault(refusedCode, 'the name leads to a network that is not allowed'), []);
      }
      return options.all ? done(null, addresses) : done(null, first.address, first.family);
    });
  };
}

/** By Node's codes: its own, those of the resolver, and of OpenSSL's X.509 verification (nodejs.org/api/tls.html, X509 certificate error codes). */
const failures: readonly (readonly [RegExp, WebhookFailure])[] = [
  [new RegExp(`^${refusedCode}$`), 'address-refused'],
  [/^(ENOTFOUND|EAI_AGAIN|EAI_NONAME|EAI_NODATA|webhook\.name-unknown)$/, 'name-unknown'],
  [/^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/, 'certificate-other-name'],
  [/^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/, 'certificate-expired'],
  [/^(CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH)/, 'certificate-untrusted'],
  [/^(ERR_TLS|ERR_SSL|EPROTO)/, 'tls-failed'],
];

export function failureOf(error: unknown): WebhookFailure {
  const code = faultCode(error);
  return failures.find(([codes]) => codes.test(code))?.[1] ?? 'connection-failed';
}

/** Posts one message. It follows no redirect, reads no more of an answer than it must, and ends within its time, whatever the other side does. */
export function sendWebhook({ url, headers, body }: WebhookRequest, allowed: AllowedNetworks, clock: Clock): Promise<AttemptOutcome> {
  // Once more at each try: what is allowed may have changed since the URL was taken.
  if (urlProblem(url, allowed) !== null) return Promise.resolve({ ok: false, failure: 'address-refused', status: null });
  const target = new URL(url);
  const host = hostOf(target);
  const ask = target.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((settle) => {
    const request = ask(target, {
      method: 'POST',
      agent: false,
      lookup: guardedLookup(allowed),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'towline-webhooks/1',
        connection: 'close',
      },
    });
    const end = (outcome: AttemptOutcome) => {
      cancel();
      request.destroy();
      settle(outcome);
    };
    // Once its status was said it does not matter how the answer ends.
    let answered: AttemptOutcome | null = null;
    const cancel = clock.schedule(attemptTimeoutMs, () => end(answered ?? { ok: false, failure: 'timed-out', status: null }));
    request.on('error', (error) => end(answered ?? { ok: false, failure: failureOf(error), status: null }));
    request.on('response', (response) => {
      const outcome = outcomeOfStatus(response.statusCode ?? 0);
      answered = outcome;
      let read = 0;
      response.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > maxAnswerBytes) end(outcome);
      });
      response.on('error', () => end(outcome));
      response.on('close', () => end(outcome));
    });
    request.end(body);
  });
}
