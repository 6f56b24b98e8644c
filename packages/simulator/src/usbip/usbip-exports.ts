import type { Cancel } from '@towline/kit';
import type { UsbModem } from '../usb/usb-modem.ts';
import type { ExportedDevice } from './usbip-replies.ts';

/** The outcome of asking for a device. */
export type UsbipClaim =
  | { readonly kind: 'claimed'; readonly modem: UsbModem; readonly release: Cancel }
  | { readonly kind: 'refused'; readonly why: 'busy' | 'noDevice' };

/** The modems that a server gives out, each to one client at a time. */
export interface UsbipExports {
  /** Those on the bus now. */
  list(): readonly ExportedDevice[];
  find(busId: string): ExportedDevice | undefined;
  claim(busId: string): UsbipClaim;
}

/** Device numbers begin behind the root hub. */
const firstDevice = 2;

/** @see UsbipExports; the modems' bus ids differ */
export function usbipExports(modems: readonly UsbModem[]): UsbipExports {
  const claimed = new Set<string>();
  const list = (): readonly ExportedDevice[] =>
    modems.flatMap(({ busId, description }, index) =>
      description ? [{ busId, busNumber: 1, deviceNumber: index + firstDevice, description }] : [],
    );
  return {
    list,
    find: (busId) => list().find((device) => device.busId === busId),
    claim(busId) {
      const modem = modems.find((one) => one.busId === busId);
      if (!modem) return { kind: 'refused', why: 'noDevice' };
      if (claimed.has(busId)) return { kind: 'refused', why: 'busy' };
      claimed.add(busId);
      return { kind: 'claimed', modem, release: () => claimed.delete(busId) };
    },
  };
}
