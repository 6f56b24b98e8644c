import { Fault } from '@towline/kit';
import type { UsbDescription } from './usb-description.ts';

/** The endpoints of an interface, in whatever alternate setting they are. */
export interface InterfaceEndpoints {
  readonly bulkIn: number;
  readonly bulkOut: number;
  /** Null where the interface has none. */
  readonly interruptIn: number | null;
}

/** The interrupt endpoint of an interface; null when it has none. */
export function interruptOf(description: UsbDescription, interfaceNumber: number): number | null {
  const endpoints = description.interfaces.find(({ number }) => number === interfaceNumber)?.alternates.flat() ?? [];
  return endpoints.find(({ transfer }) => transfer === 'interrupt')?.address ?? null;
}

/** @throws Fault `simulator.no-usb-descriptors` when a bulk endpoint is missing */
export function endpointsOf(description: UsbDescription, interfaceNumber: number): InterfaceEndpoints {
  const endpoints = description.interfaces.find(({ number }) => number === interfaceNumber)?.alternates.flat() ?? [];
  const bulk = endpoints.filter(({ transfer }) => transfer === 'bulk').map(({ address }) => address);
  const bulkIn = bulk.find((address) => address >= 0x80);
  const bulkOut = bulk.find((address) => address < 0x80);
  if (bulkIn === undefined || bulkOut === undefined) {
    throw new Fault('simulator.no-usb-descriptors', `interface ${interfaceNumber} lacks a bulk endpoint`);
  }
  return { bulkIn, bulkOut, interruptIn: interruptOf(description, interfaceNumber) };
}
