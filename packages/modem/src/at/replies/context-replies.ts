import type { AuthMethod, IpType, StoredAuth, StoredContext } from '../../driver.ts';
import { fieldsOf, numberOf } from './fields.ts';

const ipTypes: ReadonlyMap<string, IpType> = new Map<string, IpType>([
  ['IP', 'ipv4'],
  ['IPV6', 'ipv6'],
  ['IPV4V6', 'ipv4v6'],
]);

/** `+CGDCONT: 1,"IP","fleet.north",…` (3GPP TS 27.007 clause 10.1.1): what was asked for. A type like "PPP" gives null. */
export function parseStoredContexts(lines: readonly string[]): readonly StoredContext[] {
  return fieldsOf(lines, '+CGDCONT').flatMap((fields) => {
    const contextId = numberOf(fields[0]);
    if (contextId === null) return [];
    return [{ contextId, ipType: ipTypes.get(fields[1]?.text.toUpperCase() ?? '') ?? null, apn: fields[2]?.text ?? '' }];
  });
}

const methods: readonly AuthMethod[] = ['none', 'pap', 'chap'];

/**
 * Quectel `AT+QICSGP=<cid>`: `+QICSGP: 1,"apn","user","pass",1`, and on some firmwares with the context before
 * (`+QICSGP: 1,1,"apn","","",0,,0,`), told apart by where the first quoted text stands.
 */
export function parseQicsgp(lines: readonly string[]): StoredAuth | null {
  const [fields] = fieldsOf(lines, '+QICSGP');
  const start = fields?.findIndex((field) => field.quoted) ?? -1;
  if (!fields || start < 1) return null;
  const [, username, password, method] = fields.slice(start);
  const auth = methods[numberOf(method) ?? -1];
  return auth && username && password ? { auth, username: username.text, password: password.text } : null;
}

/**
 * `+CGAUTH: 1,1,"user","pass"` (3GPP TS 27.007 clause 10.1.31). A context that is not listed has none; a modem that hides
 * the password leaves it out, which gives null.
 */
export function parseCgauth(lines: readonly string[], contextId: number): StoredAuth | null {
  const fields = fieldsOf(lines, '+CGAUTH').find((candidate) => numberOf(candidate[0]) === contextId);
  const auth = fields ? methods[numberOf(fields[1]) ?? -1] : 'none';
  if (auth === 'none') return { auth, username: '', password: '' };
  if (!fields || !auth) return null;
  const [, , username, password] = fields;
  return username && password ? { auth, username: username.text, password: password.text } : null;
}
