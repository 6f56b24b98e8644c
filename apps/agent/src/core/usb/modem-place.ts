import type { Model } from '@towline/modem';
import type { FoundModem } from './found-modem.ts';

/** Where a modem can be reached at this moment. */
export type ModemPlace =
  | { readonly kind: 'ttys'; readonly atPath: string; readonly pppPath: string | null }
  | { readonly kind: 'usb'; readonly modem: FoundModem }
  | { readonly kind: 'unplugged' };

/** Whether the same ports lead to it as before: a restart may have given it others. */
export function isSamePlace(left: ModemPlace, right: ModemPlace): boolean {
  if (left.kind !== 'usb' || right.kind !== 'usb') return left.kind === right.kind;
  const ports = ({ usbPath, attachment, atPaths, pppPath, controlPath, netInterface }: FoundModem) =>
    [usbPath, attachment, ...atPaths, pppPath, controlPath, netInterface].join(' ');
  return ports(left.modem) === ports(right.modem);
}

/** Whether PPP can be dialled there beside the AT port. */
export function hasPppPort(place: ModemPlace): boolean {
  if (place.kind === 'ttys') return place.pppPath !== null;
  return place.kind === 'usb' && place.modem.pppPath !== null && place.modem.pppPath !== place.modem.atPaths[0];
}

/** Whether QMI or MBIM can be spoken there: a control port with its network interface. */
export function hasControlPort(place: ModemPlace): boolean {
  return place.kind === 'usb' && place.modem.controlPath !== null && place.modem.netInterface !== null;
}

/** Which attachment to the bus it is; null for a modem that is not on USB. */
export function attachmentOf(place: ModemPlace): number | null {
  return place.kind === 'usb' ? place.modem.attachment : null;
}

/** What its USB id tells of it; null where that leaves a choice. */
export function modelOf(place: ModemPlace): Model | null {
  return place.kind === 'usb' ? place.modem.model : null;
}
