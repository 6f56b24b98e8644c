import { request as http, type IncomingMessage } from 'node:http';
import { request as https } from 'node:https';
import { Fault, faultCode } from '@towline/kit';
import { deviceIdSchema, tenantIdSchema } from '@towline/protocol';
import * as z from 'zod/mini';
import type { BearerPath, Enrolment, EnrolmentAnswer, EnrolmentRequest } from '../runtime/ports.ts';
import { pinnedOptions } from './network/pinned-socket.ts';

const timeoutMs = 20_000;

const identitySchema = z.object({
  tenant: tenantIdSchema,
  device: deviceIdSchema,
  mqttUrl: z.string().check(z.regex(/^mqtts?:\/\//), z.maxLength(300)),
});
const problemSchema = z.object({ code: z.string().check(z.maxLength(64)) });

/** An identity is three names; what is longer is none. */
const maxBytes = 16 * 1024;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refusal(status: number, body: unknown): EnrolmentAnswer {
  const problem = problemSchema.safeParse(body);
  const code = problem.success ? problem.data.code : `http.${status}`;
  // 408 and 429 ask for patience, not for another token; what comes from a server in trouble says nothing about this device.
  const refused = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return { ok: false, reason: refused ? 'refused' : 'unreachable', code };
}

function bodyFor({ claimToken, secret, name, fingerprint }: EnrolmentRequest): string {
  return JSON.stringify({ claimToken, secret, ...(name === null ? {} : { name }), fingerprint });
}

interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > maxBytes) throw new Fault('enrolment.unreadable-answer', 'longer than any identity');
  }
  return text;
}

/** One request on a connection of its own. Node's fetch cannot choose the port that it leaves by. */
function post(url: URL, body: string, path: BearerPath | undefined): Promise<HttpAnswer> {
  const headers = { 'content-type': 'application/json', accept: 'application/json', 'content-length': Buffer.byteLength(body) };
  const signal = AbortSignal.timeout(timeoutMs);
  const options = { method: 'POST', headers, agent: false, signal, ...pinnedOptions(path) } as const;
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http)(url, options, (response) => {
      textOf(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
    });
    request.once('error', reject);
    request.end(body);
  });
}

/** Enrols at `POST <url>/v1/enrolments`. Redirects are not followed: the request carries the device's credential. */
export function httpEnrolment(url: string): Enrolment {
  const endpoint = new URL(`${url.replace(/\/+$/, '')}/v1/enrolments`);
  return {
    async enrol(request, path) {
      try {
        const { status, text } = await post(endpoint, bodyFor(request), path);
        if (status < 200 || status > 299) return refusal(status, parsed(text));
        const identity = identitySchema.safeParse(parsed(text));
        return identity.success
          ? { ok: true, ...identity.data }
          : { ok: false, reason: 'unreachable', code: 'enrolment.unreadable-answer' };
      } catch (error) {
        return { ok: false, reason: 'unreachable', code: faultCode(error) };
      }
    },
  };
}
