import { Fault } from '@towline/kit';
import type { SerialPort, SerialPorts } from '@towline/modem';
import type { SimulatedModem } from '@towline/simulator';

import type { ProcessLife } from './process-life.ts';
import { roleOf } from './usb.ts';

const noSuchTty = (path: string) => new Fault('port.open-failed', `${path}: no such port`, { cause: new Fault('ENOENT', 'ENOENT') });

const decoder = new TextDecoder('latin1');

/** Changes what the host hears of the modem: for twins that must be found out. */
export type Ear = (bytes: Uint8Array) => Uint8Array;

function watched(port: SerialPort, life: ProcessLife, ear: Ear): SerialPort {
  return {
    path: port.path,
    write: (bytes) => life.call(`at ${decoder.decode(bytes).trim()}`, () => port.write(bytes)),
    onData: (listen) => port.onData((bytes) => void (life.alive && listen(ear(bytes)))),
    onClose: (listen) => port.onClose((reason) => void (life.alive && listen(reason))),
    close: () => life.answer(() => port.close()),
  };
}

/** The ttys of the modem as one process opens them; they close with it. */
export function serialPortsOf(modem: SimulatedModem, life: ProcessLife, ear: Ear): SerialPorts {
  return {
    open: (path) =>
      life.answer(() => {
        const role = roleOf(modem, path);
        if (!role) throw noSuchTty(path);
        const port = modem.openPort(role, path);
        life.onEnd(() => void port.close());
        return watched(port, life, ear);
      }),
  };
}
