import { smsOrderBody, smsOrderText } from '@towline/protocol';
import { describe, expect, it } from 'vitest';
import { judgeSms, type SmsRules } from './judge-sms.ts';

const mac = (body: string) => `${body.length}`.padStart(20, 'A');
const rules: SmsRules = { deviceDigest: '0123abcd9999', senders: ['+49 151 1234567'], floor: 10, mac };
const order = { handle: '0123abcd', counter: 11, order: 'revert' } as const;
const signed = (fields: Partial<typeof order | { counter: number; order: 'report'; handle: string }> = {}) => {
  const said = { ...order, ...fields };
  return smsOrderText(said, mac(smsOrderBody(said)));
};
const from = (sender: string, text: string) => judgeSms({ sender, text }, rules);

describe('a short message', () => {
  it('is an order when it is signed, new, and from a number that may give any', () => {
    expect(from('+491511234567', signed())).toEqual({ kind: 'order', order: 'revert', counter: 11 });
    expect(from('491511234567', signed({ order: 'report' }))).toEqual({ kind: 'order', order: 'report', counter: 11 });
  });

  it.each([
    ['an advertisement', '+491511234567', 'You have won'],
    ['for another device', '+491511234567', signed({ handle: 'ffffffff' })],
    ['of a stranger', '+491511234568', signed()],
    ['of somebody with a name like the number', 'a491511234567', signed()],
  ])('%s is ignored', (_, sender, text) => {
    expect(from(sender, text)).toEqual({ kind: 'ignored' });
  });

  it('is refused while nobody can tell which orders are old', () => {
    expect(judgeSms({ sender: '+491511234567', text: signed() }, { ...rules, floor: null })).toEqual({
      kind: 'refused',
      code: 'sms.clock-unset',
    });
  });

  it('that is not signed, or was sent before, is refused', () => {
    expect(from('+491511234567', signed().replace(/.$/, 'B'))).toEqual({ kind: 'refused', code: 'sms.not-signed' });
    for (const counter of [10, 9]) expect(from('+491511234567', signed({ counter }))).toEqual({ kind: 'refused', code: 'sms.replayed' });
  });
});
