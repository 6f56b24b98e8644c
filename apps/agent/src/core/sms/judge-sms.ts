import { parseSmsOrder, type SmsOrderKind, smsHandle, smsOrderBody } from '@towline/protocol';

/** What an order by SMS is judged by. */
export interface SmsRules {
  /** SHA-256 of the device id, hexadecimal. */
  readonly deviceDigest: string;
  /** Numbers that orders may come from, as the configuration has them. */
  readonly senders: readonly string[];
  /** What an order's counter must be above; null: nobody can tell now which orders are old. */
  readonly floor: number | null;
  /** The MAC that this device's key gives for a text, as it stands in an order. */
  readonly mac: (body: string) => string;
}

export type SmsVerdict =
  | { readonly kind: 'order'; readonly order: SmsOrderKind; readonly counter: number }
  /** Not one of ours: advertisements, other devices' orders, strangers. Nothing is said of it. */
  | { readonly kind: 'ignored' }
  /** From a number that may order, and yet not to be followed: a person should know. */
  | { readonly kind: 'refused'; readonly code: 'sms.not-signed' | 'sms.replayed' | 'sms.clock-unset' };

const digitsOf = (number: string): string => number.replace(/\D/g, '');

/** A network may write a number without its plus; a sender with letters is nobody's number. */
const isSameNumber = (left: string, right: string): boolean => !/[a-z]/i.test(right) && digitsOf(left) === digitsOf(right);

/** Whether a message is an order of this device's control plane. The number says who may try, the MAC who it is, the counter that it is news. */
export function judgeSms({ sender, text }: { readonly sender: string; readonly text: string }, rules: SmsRules): SmsVerdict {
  const said = parseSmsOrder(text);
  if (said?.handle !== smsHandle(rules.deviceDigest)) return { kind: 'ignored' };
  if (!rules.senders.some((allowed) => isSameNumber(allowed, sender))) return { kind: 'ignored' };
  if (rules.mac(smsOrderBody(said)) !== said.mac) return { kind: 'refused', code: 'sms.not-signed' };
  if (rules.floor === null) return { kind: 'refused', code: 'sms.clock-unset' };
  if (said.counter <= rules.floor) return { kind: 'refused', code: 'sms.replayed' };
  return { kind: 'order', order: said.order, counter: said.counter };
}
