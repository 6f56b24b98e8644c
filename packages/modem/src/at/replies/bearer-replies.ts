import { fieldsOf, numberOf, textOf } from './fields.ts';

/** Four decimal octets as they are, sixteen as an IPv6 address in groups; anything with a colon as it is. */
export function addressOf(text: string): string | null {
  if (text.includes(':')) return /^[:0]+$/.test(text) ? null : text;
  const octets = text.split('.').map(Number);
  if (octets.some((octet) => !Number.isInteger(octet) || octet < 0 || octet > 255)) return null;
  if (octets.every((octet) => octet === 0)) return null;
  if (octets.length === 4) return octets.join('.');
  return octets.length === 16 ? groups(octets) : null;
}

/** As RFC 5952 writes it and `ip` prints it: the longest run of zero groups, of two at least, becomes `::`. */
function groups(octets: readonly number[]): string {
  const words = Array.from({ length: 8 }, (_, index) => ((octets[index * 2] ?? 0) << 8) | (octets[index * 2 + 1] ?? 0));
  const text = words.map((word) => word.toString(16)).join(':');
  const runs = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)];
  const longest = runs.reduce((best, run) => (run[0].length > best.length ? run[0] : best), '');
  if (longest === '') return text;
  const start = runs.find((run) => run[0] === longest)?.index ?? 0;
  const head = text.slice(0, start).replace(/:$/, '');
  const tail = text.slice(start + longest.length).replace(/^:/, '');
  return `${head}::${tail}`;
}

/** The address of `address.mask` in one text: 8 parts for IPv4, 32 for IPv6 (3GPP TS 27.007 clause 10.1.23). */
function withoutMask(text: string): string {
  const parts = text.split('.');
  return parts.length === 8 || parts.length === 32 ? parts.slice(0, parts.length / 2).join('.') : text;
}

function known(texts: readonly (string | null | undefined)[]): readonly string[] {
  const addresses = texts.map((text) => (text ? addressOf(withoutMask(text)) : null));
  return [...new Set(addresses.filter((address) => address !== null))];
}

export interface BearerReply {
  /** With the suffix of the operator, as the modem told it. */
  readonly apn: string | null;
  readonly addresses: readonly string[];
  readonly dns: readonly string[];
}

/** `+CGCONTRDP: cid,bearer,"apn","address.mask","gateway","dns1","dns2"`, one line for each IP version. Null: no such bearer. */
export function parseCgcontrdp(lines: readonly string[], contextId: number): BearerReply | null {
  const found = fieldsOf(lines, '+CGCONTRDP').filter((fields) => numberOf(fields[0]) === contextId);
  if (found.length === 0) return null;
  return {
    apn: found.map((fields) => textOf(fields[2])).find((apn) => apn !== null) ?? null,
    addresses: known(found.map((fields) => textOf(fields[3]))),
    dns: known(found.flatMap((fields) => [textOf(fields[5]), textOf(fields[6])])),
  };
}

/** `+CGPADDR: 1,"10.0.0.2"` with an IPv6 address behind it where there is one (clause 10.1.14). 0.0.0.0 is no address. */
export function parseCgpaddr(lines: readonly string[], contextId: number): readonly string[] {
  const fields = fieldsOf(lines, '+CGPADDR').find((candidate) => numberOf(candidate[0]) === contextId);
  return known((fields ?? []).slice(1).map(textOf));
}

/** Whether `+CGACT:` names the context active (clause 10.1.10); null when it does not name it. */
export function parseCgact(lines: readonly string[], contextId: number): boolean | null {
  const fields = fieldsOf(lines, '+CGACT').find((candidate) => numberOf(candidate[0]) === contextId);
  const state = numberOf(fields?.[1]);
  return state === null ? null : state === 1;
}

/** `+QNETDEVCTL: type,cid,urc,state` of EC200A: whether the network device is connected. */
export function parseQnetdevctl(lines: readonly string[]): boolean | null {
  const state = numberOf(fieldsOf(lines, '+QNETDEVCTL')[0]?.[3]);
  return state === null ? null : state === 1;
}
