import { faultCode } from '@towline/kit';
import { deviceIdSchema, tenantIdSchema } from '@towline/protocol';
import * as z from 'zod/mini';
import type { Enrolment, EnrolmentAnswer, EnrolmentRequest } from '../runtime/ports.ts';

const timeoutMs = 20_000;

const identitySchema = z.object({
  tenant: tenantIdSchema,
  device: deviceIdSchema,
  mqttUrl: z.string().check(z.regex(/^mqtts?:\/\//), z.maxLength(300)),
});
const problemSchema = z.object({ code: z.string().check(z.maxLength(64)) });

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
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

/** Enrols at `POST <url>/v1/enrolments`. Redirects are refused: the request carries the device's credential. */
export function httpEnrolment(url: string): Enrolment {
  const endpoint = `${url.replace(/\/+$/, '')}/v1/enrolments`;
  return {
    async enrol(request) {
      try {
        const response = await fetch(endpoint, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json' },
          body: bodyFor(request),
          redirect: 'error',
          signal: AbortSignal.timeout(timeoutMs),
        });
        const body = await bodyOf(response);
        if (!response.ok) return refusal(response.status, body);
        const identity = identitySchema.safeParse(body);
        return identity.success
          ? { ok: true, ...identity.data }
          : { ok: false, reason: 'unreachable', code: 'enrolment.unreadable-answer' };
      } catch (error) {
        const cause = error instanceof Error ? (error.cause ?? error) : error;
        return { ok: false, reason: 'unreachable', code: faultCode(cause) };
      }
    },
  };
}
