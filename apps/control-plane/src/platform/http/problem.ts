import { Fault, faultCode } from '@towline/kit';
import { fieldErrorSchema, type Problem, type ProblemCode, problemCodeSchema } from '@towline/protocol/http';
import * as z from 'zod';

/** Status and title of each code. */
const kinds: Readonly<Record<ProblemCode, { status: number; title: string }>> = {
  'request.invalid': { status: 422, title: 'The request is not valid' },
  'request.malformed': { status: 400, title: 'The request cannot be read' },
  'request.too-large': { status: 413, title: 'The request is too large' },
  'request.unsupported-type': { status: 415, title: 'The type of the body is not taken' },
  'filter.invalid': { status: 400, title: 'The filter is not valid' },
  'cursor.invalid': { status: 400, title: 'The cursor is not valid' },
  'resource.not-found': { status: 404, title: 'Not found' },
  'resource.conflict': { status: 409, title: 'Conflict' },
  'resource.in-use': { status: 409, title: 'Still in use' },
  'site.on-hold': { status: 409, title: 'The site is on hold' },
  'rollout.wrong-state': { status: 409, title: 'The rollout is not where this can be done' },
  'rollout.changed': { status: 409, title: 'The rollout has changed since' },
  'rollout.second-person': { status: 403, title: 'Somebody else has to do this' },
  'auth.missing': { status: 401, title: 'A token is needed' },
  'auth.refused': { status: 401, title: 'The token is not valid' },
  'auth.forbidden': { status: 403, title: 'Not allowed' },
  throttled: { status: 429, title: 'Too many requests' },
  unavailable: { status: 503, title: 'Not available right now' },
  'secrets.unreadable': { status: 500, title: 'Stored secrets cannot be opened' },
  internal: { status: 500, title: 'Something went wrong' },
};

export const statusOf = (code: ProblemCode): number => kinds[code].status;

/** What Fastify and Nest answer by themselves, by status. */
const byStatus: Readonly<Record<number, { code: ProblemCode; detail: string }>> = {
  400: { code: 'request.malformed', detail: 'the body must be JSON' },
  404: { code: 'resource.not-found', detail: 'no such path: /docs shows which there are' },
  413: { code: 'request.too-large', detail: 'the body is larger than what is taken' },
  415: { code: 'request.unsupported-type', detail: 'send the body as application/json' },
  429: { code: 'throttled', detail: 'try again later' },
};

/** Codes of Postgres, Prisma and the socket below them that mean: try again. The last five are transactions that lost against others. */
const unavailableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '08006',
  '08001',
  '57014',
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  'P2034',
  '40001',
  '40P01',
  '55P03',
]);

const refusalDetailsSchema = z.object({ errors: z.array(fieldErrorSchema) });
const withStatusSchema = z
  .object({ status: z.int() })
  .or(z.object({ statusCode: z.int() }).transform(({ statusCode }) => ({ status: statusCode })));

function make(code: ProblemCode, detail: string, errors: Problem['errors'] = []): Problem {
  const { status, title } = kinds[code];
  return { type: `urn:towline:problem:${code}`, title, status, detail, code, ...(errors.length > 0 ? { errors } : {}) };
}

const lostKey =
  'they were sealed with another key than the one in use: bring the former TOWLINE_KEY or key file back, ' +
  'or save new versions of the profiles and policies that hold a password or PIN, and assign them';

/** What to tell the caller of anything that was thrown. Only texts written for callers go out. */
export function problemOf(error: unknown): Problem {
  const code = problemCodeSchema.safeParse(faultCode(error));
  if (error instanceof Fault && code.success) {
    const details = refusalDetailsSchema.safeParse(error.details);
    return make(code.data, error.message, details.success ? details.data.errors : []);
  }
  if (faultCode(error) === 'sealer.refused') return make('secrets.unreadable', lostKey);
  if (isUnavailable(error)) return make('unavailable', 'the database does not answer, or is too busy: try again in a few seconds');
  const answered = withStatusSchema.safeParse(error);
  const known = answered.success ? byStatus[answered.data.status] : undefined;
  return known
    ? make(known.code, known.detail)
    : make('internal', 'the request was not carried out; the log of the control plane says why');
}

/** pg tells its own time-outs and a lost connection by text only. */
const lostConnection = /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/;

function isUnavailable(error: unknown): boolean {
  if (unavailableCodes.has(faultCode(error))) return true;
  if (!(error instanceof Error)) return false;
  return lostConnection.test(error.message) || (error.cause !== undefined && isUnavailable(error.cause));
}
