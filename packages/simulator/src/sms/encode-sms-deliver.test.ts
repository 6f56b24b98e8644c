import { readSmsDeliver } from '@towline/modem';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeSmsDeliver } from './encode-sms-deliver.ts';

const sender = fc.tuple(fc.constantFrom('', '+'), fc.stringMatching(/^[0-9]{3,15}$/)).map(([plus, digits]) => plus + digits);

it('whatever was sent is what a gateway reads', () => {
  const plain = fc.stringMatching(/^[A-Za-z0-9 .:_~[\]{}-]{0,70}$/);
  const any = fc.string({ unit: 'binary', maxLength: 35 }).filter((text) => !text.includes('\u001b'));
  fc.assert(
    fc.property(sender, fc.oneof(plain, any), (from, text) => {
      expect(readSmsDeliver(encodeSmsDeliver({ sender: from, text }))).toEqual({ sender: from, text, hasHeader: false });
    }),
  );
});
