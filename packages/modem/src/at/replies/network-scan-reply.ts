import { numberOf, splitFields, textOf } from './fields.ts';

/** A network that a scan found. */
export interface VisibleNetwork {
  readonly plmn: string;
  readonly name: string | null;
  readonly availability: 'unknown' | 'available' | 'current' | 'forbidden';
  /** AcT of TS 27.007 clause 7.3; null where it was not told. */
  readonly accessTechnology: number | null;
}

const availabilities = ['unknown', 'available', 'current', 'forbidden'] as const;

function networkOf(member: string): VisibleNetwork[] {
  const [stat, long, short, plmn, act] = splitFields(member);
  const availability = availabilities[numberOf(stat) ?? -1];
  const digits = textOf(plmn);
  if (!availability || digits === null || !/^\d{5,6}$/.test(digits)) return [];
  return [{ plmn: digits, name: textOf(long) ?? textOf(short), availability, accessTechnology: numberOf(act) }];
}

/**
 * `+COPS: (<stat>,<long>,<short>,<numeric>[,<AcT>]),…,,(<modes>),(<formats>)` (TS 27.007 clause 7.3). Names may hold parentheses and
 * commas, inside their quotes. Null where the line is missing.
 */
export function parseNetworkScan(lines: readonly string[]): readonly VisibleNetwork[] | null {
  const line = lines.find((one) => one.startsWith('+COPS:'));
  if (line === undefined) return null;
  const members = line.match(/\((?:"[^"]*"|[^"()])*\)/g) ?? [];
  return members.flatMap((member) => networkOf(member.slice(1, -1)));
}
