import { fieldsOf, numberOf } from './fields.ts';

/** `<name>: <cid>,<state>` as `!SCACT?` and `#ECM?` answer: whether the call of a context is up; null when it is not listed. */
export function parseCallState(lines: readonly string[], name: string, contextId: number): boolean | null {
  const fields = fieldsOf(lines, name).find((candidate) => numberOf(candidate[0]) === contextId);
  const state = numberOf(fields?.[1]);
  return state === null ? null : state === 1;
}
