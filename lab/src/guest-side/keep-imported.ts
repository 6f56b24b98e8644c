import { setTimeout as after } from 'node:timers/promises';
import { importDevice } from './usbip-import.ts';
import { attachToPort, isPortFree } from './virtual-controller.ts';

export interface ImportOrder {
  readonly port: number;
  readonly busId: string;
  readonly server: { readonly host: string; readonly port: number };
  readonly stopped: AbortSignal;
  readonly onChange: (state: 'attached' | 'detached') => void;
}

const lookEveryMs = 100;
/** The server goes away only with the whole lab. */
const triesInVain = 100;

async function untilFree(port: number, stopped: AbortSignal): Promise<void> {
  while (!isPortFree(port) && !stopped.aborted) await after(lookEveryMs);
}

/** Imports the device again and again, one fixed port for it: a modem that reboots or is plugged in again comes back by itself. */
export async function keepImported({ port, busId, server, stopped, onChange }: ImportOrder): Promise<void> {
  for (let vain = 0; vain < triesInVain && !stopped.aborted; ) {
    await untilFree(port, stopped);
    const device = await importDevice(server, { busId, stopped });
    if (device === null) {
      vain += 1;
      await after(lookEveryMs);
      continue;
    }
    vain = 0;
    if (stopped.aborted) return void device.socket.destroy();
    attachToPort(port, device);
    onChange('attached');
    await untilFree(port, stopped);
    onChange('detached');
  }
  if (!stopped.aborted) throw new Error(`the USB/IP server does not give ${busId}`);
}
