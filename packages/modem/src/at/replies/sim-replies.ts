import type { SimState } from '../../driver.ts';
import type { PinTriesDialect } from '../../models/dialects.schema.ts';
import { fieldsOf, numberOf } from './fields.ts';

/** `+CPIN:` codes (3GPP TS 27.007 clause 8.3). PIN2 and the network locks leave the SIM usable for nothing but themselves. */
const simStates: ReadonlyMap<string, SimState> = new Map<string, SimState>([
  ['READY', 'ready'],
  ['SIM PIN2', 'ready'],
  ['SIM PUK2', 'ready'],
  ['SIM PIN', 'pin-required'],
  ['SIM PUK', 'puk-required'],
  ['NOT INSERTED', 'absent'],
  ['NOT READY', 'busy'],
]);

export function parseSimState(lines: readonly string[]): SimState | null {
  const [fields] = fieldsOf(lines, '+CPIN');
  const code = fields?.[0]?.text;
  return code === undefined ? null : (simStates.get(code) ?? 'failed');
}

/** 18 to 20 digits wherever they stand; some firmwares leave the F that fills the last half octet. */
export function parseIccid(lines: readonly string[]): string | null {
  return /(?<![0-9A-Fa-f])(\d{18,20})[Ff]?(?![0-9A-Fa-f])/.exec(lines.join('\n'))?.[1] ?? null;
}

/** A bare number of 14 to 16 digits: IMSI (`AT+CIMI`) and IMEI (`AT+CGSN`), with or without quotes or a name before it. */
export function parseSubscriberNumber(lines: readonly string[]): string | null {
  return /(?<!\d)(\d{14,16})(?!\d)/.exec(lines.join('\n'))?.[1] ?? null;
}

/** Quectel `+QPINC: "SC",3,10`: facility, tries of the PIN, tries of its PUK. */
function qpinc(lines: readonly string[]): number | null {
  const fields = fieldsOf(lines, '+QPINC').find((candidate) => candidate[0]?.text === 'SC');
  return numberOf(fields?.[1]);
}

/** `+CPINC: 3,3,10,10`: the first number is PIN 1. */
function cpinc(lines: readonly string[]): number | null {
  return numberOf(fieldsOf(lines, '+CPINC')[0]?.[0]);
}

/** Telit `#PCT: 3`: tries of what `AT+CPIN?` asks for now. */
function pct(lines: readonly string[]): number | null {
  return numberOf(fieldsOf(lines, '#PCT')[0]?.[0]);
}

/** Huawei `^CPIN: READY,,10,3,10,3`: code, tries of it, then PUK, PIN, PUK2, PIN2. */
function huaweiCpin(lines: readonly string[]): number | null {
  return numberOf(fieldsOf(lines, '^CPIN')[0]?.[3]);
}

/** Tries left for PIN 1, or null when the reply does not tell. */
export const pinTriesParsers: Readonly<Record<PinTriesDialect, (lines: readonly string[]) => number | null>> = {
  qpinc,
  cpinc,
  'telit-pct': pct,
  'huawei-cpin': huaweiCpin,
};

/** Digits of the MNC, 2 or 3: the fourth octet of EF_AD, `+CRSM: 144,0,"00000002"` (3GPP TS 31.102 clause 4.2.18). */
export function parseMncLength(lines: readonly string[]): 2 | 3 | null {
  const [fields] = fieldsOf(lines, '+CRSM');
  if (numberOf(fields?.[0]) !== 144) return null;
  const octet = fields?.[2]?.text.slice(6, 8);
  if (octet === '02') return 2;
  return octet === '03' ? 3 : null;
}

/** The answer to `AT+CRSM`: the two status octets and what the card gave, hexadecimal (3GPP TS 27.007 clause 8.18). */
function cardAnswer(lines: readonly string[]): { readonly ok: boolean; readonly octets: readonly number[] } | null {
  const [fields] = fieldsOf(lines, '+CRSM');
  const status = numberOf(fields?.[0]);
  if (status === null) return null;
  const text = fields?.[2]?.text ?? '';
  const octets = /^([0-9A-Fa-f]{2})+$/.test(text) ? (text.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)) : [];
  // 90 00, or 91 xx: done, and the card has a command waiting (TS 102 221 clause 10.2.1).
  return { ok: status === 144 || status === 145, octets };
}

/** The value of tag 80 in the template 62 of a UICC: the size of a transparent file (TS 102 221 clause 11.1.1.4.1). */
function sizeInTemplate(octets: readonly number[]): number | null {
  for (let index = 2; index + 1 < octets.length; index += 2 + (octets[index + 1] ?? 0)) {
    if (octets[index] !== 0x80) continue;
    return octets.slice(index + 2, index + 2 + (octets[index + 1] ?? 0)).reduce((size, octet) => size * 256 + octet, 0);
  }
  return null;
}

/**
 * Octets of a file, from the answer to GET RESPONSE: a UICC's template, or the third and fourth octet of a 2G card (TS 51.011 clause 9.2.1).
 * 0 where the card has no such file; null for what is no answer of a card.
 */
export function parseFileSize(lines: readonly string[]): number | null {
  const answer = cardAnswer(lines);
  if (!answer) return null;
  const { ok, octets } = answer;
  if (!ok) return 0;
  if (octets[0] === 0x62) return sizeInTemplate(octets);
  const [, , high, low] = octets;
  return high === undefined || low === undefined ? null : high * 256 + low;
}

/** EF_GID1 in capitals without the FF that fills it (3GPP TS 31.102 clause 4.2.10); empty where it says nothing. */
export function parseGroupIdentifier(lines: readonly string[]): string | null {
  const answer = cardAnswer(lines);
  if (!answer) return null;
  const text = answer.ok ? answer.octets.map((octet) => octet.toString(16).padStart(2, '0').toUpperCase()).join('') : '';
  return text.replace(/(FF)+$/, '');
}
