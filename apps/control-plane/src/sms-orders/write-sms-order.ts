import { createHash, createHmac } from 'node:crypto';
import { type SmsOrderKind, smsHandle, smsMacOctets, smsOrderBody, smsOrderKey, smsOrderText } from '@towline/protocol';

export interface SmsOrderParts {
  readonly device: string;
  /** SHA-256 of the device's secret. */
  readonly credentialHash: Uint8Array;
  readonly counter: number;
  readonly order: SmsOrderKind;
}

/** The text that a device takes for an order of its control plane; the form is `SmsOrder` of the protocol. */
export function writeSmsOrder({ device, credentialHash, counter, order }: SmsOrderParts): string {
  const handle = smsHandle(createHash('sha256').update(device).digest('hex'));
  const said = { handle, counter, order };
  const key = smsOrderKey(Buffer.from(credentialHash).toString('hex'));
  const mac = createHmac('sha256', key).update(smsOrderBody(said)).digest().subarray(0, smsMacOctets).toString('base64url');
  return smsOrderText(said, mac);
}
