import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseSmsOrder, smsOrderKinds, smsOrderText } from './sms-order.ts';

const order = fc.record({
  handle: fc.stringMatching(/^[0-9a-f]{8}$/),
  counter: fc.integer({ min: 1, max: 99_999_999_999_999 }),
  order: fc.constantFrom(...smsOrderKinds),
});
const mac = fc.stringMatching(/^[A-Za-z0-9_-]{20}$/);

it('is read as it was written, and fits into one message', () => {
  fc.assert(
    fc.property(order, mac, (said, proof) => {
      const text = smsOrderText(said, proof);
      expect(text.length).toBeLessThan(80);
      expect(parseSmsOrder(` ${text}\r\n`)).toEqual({ ...said, mac: proof });
    }),
  );
});

it.each([
  ['another version', 'TL2 0123abcd 1 revert AAAAAAAAAAAAAAAAAAAA'],
  ['an unknown order', 'TL1 0123abcd 1 erase AAAAAAAAAAAAAAAAAAAA'],
  ['a name from the prototype', 'TL1 0123abcd 1 constructor AAAAAAAAAAAAAAAAAAAA'],
  ['counter nought', 'TL1 0123abcd 0 revert AAAAAAAAAAAAAAAAAAAA'],
  ['a short MAC', 'TL1 0123abcd 1 revert AAAA'],
  ['more after it', 'TL1 0123abcd 1 revert AAAAAAAAAAAAAAAAAAAA and more'],
  ['something else', 'Your balance is low'],
])('%s is none', (_, text) => {
  expect(parseSmsOrder(text)).toBeNull();
});
