import type { Final } from './command.ts';

/** Words of `AT+CMEE=2` (TS 27.007 clause 9.2); what is not listed is "unknown". */
const cmeWords: ReadonlyMap<number, string> = new Map([
  [3, 'operation not allowed'],
  [4, 'operation not supported'],
  [10, 'SIM not inserted'],
  [11, 'SIM PIN required'],
  [12, 'SIM PUK required'],
  [13, 'SIM failure'],
  [14, 'SIM busy'],
  [16, 'incorrect password'],
  [30, 'no network service'],
  [32, 'network not allowed - emergency calls only'],
  [50, 'incorrect parameters'],
  [126, 'insufficient resources'],
  [127, 'missing or unknown APN'],
  [128, 'unknown PDP address or PDP type'],
  [133, 'requested service option not subscribed'],
  [148, 'unspecified GPRS error'],
  [149, 'PDP authentication failure'],
  [177, 'operator determined barring'],
]);

const words: Readonly<Record<Exclude<Final['kind'], 'cme'>, string>> = {
  ok: 'OK',
  error: 'ERROR',
  'not-supported': 'COMMAND NOT SUPPORT',
  'no-carrier': 'NO CARRIER',
  connect: 'CONNECT 150000000',
  none: '',
};

/** The text of a final result, without its line breaks; empty when nothing is said. */
export function renderFinal(final: Final, errorFormat: 0 | 1 | 2): string {
  if (final.kind !== 'cme') return words[final.kind];
  if (errorFormat === 0) return 'ERROR';
  return `+CME ERROR: ${errorFormat === 1 ? final.code : (cmeWords.get(final.code) ?? 'unknown')}`;
}

/** Lines framed as a modem with `ATV1` frames them: a break before the first, one after each. */
export function renderLines(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\r\n${lines.join('\r\n')}\r\n`;
}
