import { Fault } from '@towline/kit';
import type { SerialPorts } from '@towline/modem';
import type { PortRole } from './modem-state.ts';
import type { SimulatedModem } from './simulated-modem.ts';

/** Where a path leads. */
export interface PortPlace {
  readonly modem: SimulatedModem;
  readonly role: PortRole;
}

/** The ttys of simulated modems by their paths; asked anew at each open, so that the map may change. */
export function simulatedSerialPorts(places: ReadonlyMap<string, PortPlace>): SerialPorts {
  return {
    async open(path) {
      const place = places.get(path);
      if (!place) throw new Fault('port.open-failed', `${path}: no such port`, { cause: new Fault('ENOENT', 'ENOENT') });
      return place.modem.openPort(place.role, path);
    },
  };
}
