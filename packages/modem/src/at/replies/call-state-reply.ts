import { fieldsOf, numberOf } from './fields.ts';

/** `<name>: <cid>,<state>` as `!SCACT?` and `#ECM?` answer: whether the call of a context is up; null when it is not listed. */
export function parseCallState(lines: readonly string[], name: string, contextId: number): boolean | null {
  const fields = fieldsOf(lines, name).find((candidate) => numberOf(candidate[0]) === contextId);
  const state = numberOf(fields?.[1]);
  return state === null ? null : state === 1;
}

/** `$QCRMCALL: 1, V4` while a call is up, no line at all while none is. */
export function parseQcrmcall(lines: readonly string[]): boolean {
  return fieldsOf(lines, '$QCRMCALL').some((fields) => numberOf(fields[0]) === 1);
}

/** Huawei `^NDISSTATQRY: 1,,,"IPV4"`, one group for each IP version: up when either is. */
export function parseNdisState(lines: readonly string[]): boolean | null {
  const [fields] = fieldsOf(lines, '^NDISSTATQRY');
  return fields ? numberOf(fields[0]) === 1 || numberOf(fields[4]) === 1 : null;
}
