import type { Reading } from '../failure.ts';
import { type AtCommand, atCommand } from './at-command.ts';

/** Bare words that only tell (3GPP TS 27.007, V.250 and the vendors' manuals): others without a sign at their end do something. */
const tellingWords: ReadonlySet<string> = new Set([
  'ATI',
  'AT+CBC',
  'AT+CCID',
  'AT+CEER',
  'AT+CESQ',
  'AT+CGCONTRDP',
  'AT+CGMI',
  'AT+CGMM',
  'AT+CGMR',
  'AT+CGPADDR',
  'AT+CGSCONTRDP',
  'AT+CGSN',
  'AT+CIMI',
  'AT+CNUM',
  'AT+CPAS',
  'AT+CSQ',
  'AT+GCAP',
  'AT+GMI',
  'AT+GMM',
  'AT+GMR',
  'AT+ICCID',
  'AT+QCCID',
  'AT+QNWINFO',
  'AT+QSPN',
  'AT#RFSTS',
  'AT^ICCID',
  'AT^SYSINFOEX',
  'AT^HCSQ',
]);

/** Questions whose answer holds passwords or unlock codes, or that do something although they look like questions. */
const closedNames: ReadonlySet<string> = new Set([
  '+CGAUTH',
  '+QICSGP',
  '$QCPDPP',
  '^AUTHDATA',
  '+CNPPPD',
  '#PDPAUTH',
  '!ENTERCND',
  '!OPENLOCK',
  '!SETCND',
  '+QCFTPPASS',
  '+CPOF',
  '+QPOWD',
]);

const shape = /^AT([+^!#$%*][A-Z0-9]{1,24})(\?|=\?)$/;

const refused = (why: string): Reading<AtCommand> => ({ ok: false, failure: { code: 'value.refused', evidence: [why] } });

/**
 * A question that somebody else wrote: read and test commands without any value, and bare words of a closed list. `value.refused` for all
 * else, and for what tells secrets; AT+COPS=? is an operation of its own, for it takes minutes.
 */
export function atQuestion(text: string): Reading<AtCommand> {
  if (tellingWords.has(text) || /^ATI\d$/.test(text)) return { ok: true, value: atCommand(text) };
  const [, name = '', sign] = shape.exec(text) ?? [];
  if (name === '') return refused('only questions are asked: read, test, and words that tell');
  if (closedNames.has(name)) return refused(`${name} is not asked: its answer may hold a secret`);
  if (name === '+COPS' && sign === '=?') return refused('order a scan');
  return { ok: true, value: atCommand(text) };
}
