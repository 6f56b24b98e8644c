import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { atQuestion } from './at-question.ts';

it.each(['AT+CREG?', 'AT+CGDCONT=?', 'AT+CSQ', 'ATI', 'ATI3', 'AT^HCSQ?', 'AT!GSTATUS?', 'AT+QENG?'])('asks %s', (text) => {
  expect(atQuestion(text)).toMatchObject({ ok: true, value: { text } });
});

it.each([
  'AT',
  'ATZ',
  'ATD*99#',
  'ATH',
  'AT&F',
  'AT+CFUN=0',
  'AT+CFUN=1,1',
  'AT+QPOWD',
  'AT+CRESET',
  'AT!RESET',
  'AT+CGAUTH?',
  'AT$QCPDPP?',
  'AT+QICSGP?',
  'AT+COPS=?',
  'AT+CSQ;+CFUN=0',
  'AT+CREG?;+CFUN=0',
  'AT+CREG?\r',
  'AT+CREG?\nAT+CFUN=0',
  ' AT+CREG?',
  'at+creg?',
  'AT+CMGS="1"?',
  'AT+QCFG="usbnet"',
  '',
])('does not send %j', (text) => {
  expect(atQuestion(text)).toMatchObject({ ok: false, failure: { code: 'value.refused' } });
});

it('lets through no value, no quote, no second command and no control character, whatever is written', () => {
  const pieces = fc.constantFrom(
    'AT',
    '+',
    'C',
    'REG',
    'CFUN',
    '?',
    '=?',
    '=',
    '1',
    ',',
    '"',
    ';',
    '\r',
    '\n',
    '\u001a',
    ' ',
    '!',
    'RESET',
    'D',
    '&F',
    'I',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')),
      ),
      (text) => {
        const question = atQuestion(text);
        if (question.ok) expect(question.value.text).toMatch(/^AT(I\d?|[+^!#$%*][A-Z0-9]+(\?|=\?)?)$/);
      },
    ),
    { numRuns: 2000 },
  );
});
