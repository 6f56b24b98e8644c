/**
 * An order by SMS, for a gateway that IP does not reach. It is one line of the GSM alphabet, below 80 characters:
 *
 *     TL1 <handle> <counter> <order> <mac>
 *
 * - handle: the first 8 characters of SHA-256 over the device id, hexadecimal: which device is meant, without its id on the air.
 * - counter: grows with each text of a device; one that is not above the highest taken is refused, so a text that is sent again does nothing.
 * - mac: the first 15 octets, base64url, of HMAC-SHA-256 over everything before it and the space, with `smsOrderKey` in UTF-8 as key.
 */
export interface SmsOrder {
  readonly handle: string;
  readonly counter: number;
  readonly order: SmsOrderKind;
}

/** `revert`: an open change goes back now. `report`: the device looks at its modems anew, dials and reports. */
export const smsOrderKinds = ['revert', 'report'] as const;
export type SmsOrderKind = (typeof smsOrderKinds)[number];

/** 120 bits of the HMAC. */
export const smsMacOctets = 15;

/**
 * The key that a device and its control plane share without an exchange: both know this digest of the device's secret, nobody else does.
 * @param secretDigest SHA-256 of the device's secret, hexadecimal
 */
export const smsOrderKey = (secretDigest: string): string => `towline sms order 1 ${secretDigest}`;

/** @param deviceDigest SHA-256 of the device id, hexadecimal */
export const smsHandle = (deviceDigest: string): string => deviceDigest.slice(0, 8);

/** What the MAC is over. */
export const smsOrderBody = ({ handle, counter, order }: SmsOrder): string => `TL1 ${handle} ${counter} ${order}`;

/** The whole text. */
export const smsOrderText = (order: SmsOrder, mac: string): string => `${smsOrderBody(order)} ${mac}`;

const pattern = /^TL1 ([0-9a-f]{8}) ([1-9][0-9]{0,13}) ([a-z]{1,16}) ([A-Za-z0-9_-]{20})$/;

/** The parts of a text, or null when it is no order, or one that this version does not know. Proves nothing: the MAC does. */
export function parseSmsOrder(text: string): (SmsOrder & { readonly mac: string }) | null {
  const [, handle = '', counter = '', kind = '', mac = ''] = pattern.exec(text.trim()) ?? [];
  const order = smsOrderKinds.find((known) => known === kind);
  return order ? { handle, counter: Number(counter), order, mac } : null;
}
