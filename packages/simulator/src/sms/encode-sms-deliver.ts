import { packSeptets, septetsOfText } from '@towline/modem';

/** What an operator's network hands to a phone. */
export interface SentMessage {
  /** Digits, with a leading `+` for an international number. */
  readonly sender: string;
  readonly text: string;
}

const hex = (octets: Iterable<number>) => [...octets].map((octet) => octet.toString(16).toUpperCase().padStart(2, '0')).join('');

/** Semi-octets, the first digit in the low half, an odd number filled with F (TS 23.040 clause 9.1.2.3). */
const semiOctets = (digits: string) => (digits.length % 2 === 0 ? digits : `${digits}F`).replace(/(.)(.)/g, '$2$1');

/** A service centre of nobody and the turn of the year: nothing here looks at either. */
const serviceCentre = `069194${semiOctets('00000000')}`;
const timeStamp = '62101000000000';

function userData(text: string): string {
  const septets = septetsOfText(text);
  if (septets) return `00${hex([septets.length])}${hex(packSeptets(septets))}`;
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index)).flatMap((unit) => [unit >> 8, unit & 0xff]);
  return `08${hex([units.length])}${hex(units)}`;
}

/**
 * An SMS-DELIVER as AT+CMGL shows it in PDU mode (TS 23.040 clause 9.2.2.1): 7-bit where the alphabet has every character, else UCS-2.
 * @param text one message: 160 septets or 70 characters of UCS-2 at most
 */
export function encodeSmsDeliver({ sender, text }: SentMessage): string {
  const digits = sender.replace('+', '');
  const type = sender.startsWith('+') ? '91' : '81';
  const [scheme, data] = [userData(text).slice(0, 2), userData(text).slice(2)];
  return `${serviceCentre}04${hex([digits.length])}${type}${semiOctets(digits)}00${scheme}${timeStamp}${data}`;
}
