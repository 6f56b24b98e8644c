import { Fault } from '@towline/kit';
import type { FieldError, ProblemCode } from '@towline/protocol/http';

/** What the API answers to a request it does not carry out. `detail` goes to the caller: no secret, no internal text. */
export function refusal(code: ProblemCode, detail: string, errors: readonly FieldError[] = []): Fault {
  return new Fault(code, detail, { details: { errors } });
}

/** What lies outside the caller's tenant is answered by this too, word for word. */
export const notFound = (what: string): Fault => refusal('resource.not-found', `no such ${what}`);

/** The value, or the answer for what does not exist. */
export function found<Value>(value: Value | null | undefined, what: string): Value {
  if (value === null || value === undefined) throw notFound(what);
  return value;
}
