import type { CoreNetwork, OperatorNetwork } from '@towline/simulator';
import { startUsbipServer, type UsbipServer } from '@towline/simulator/node';
import type { BootedGuest } from '../guest/boot-guest.ts';
import { type LabModem, type LabModemOptions, labModem } from './lab-modem.ts';
import { labOperator } from './lab-operators.ts';
import { untilGone } from './usb-in-guest.ts';

/** A gateway on the lab's table: a booted guest, an operator, and modems to plug into it. */
export interface Gateway {
  readonly guest: BootedGuest;
  readonly network: OperatorNetwork;
  /** Lays a modem beside the gateway, as the next one of its controller; `usb.plug()` puts it in. */
  layOne(modem: Omit<LabModemOptions, 'network' | 'port'>): Promise<LabModem>;
  /** Takes the modems away from the guest and waits until it has seen that; the guest stays. */
  clear(): Promise<void>;
  /** Takes the modems away, whatever becomes of the guest. Their bearers are down then. */
  abandon(): Promise<void>;
}

export function createGateway(guest: BootedGuest, core: CoreNetwork): Gateway {
  const network = labOperator(core);
  const modems: LabModem[] = [];
  const servers: UsbipServer[] = [];
  const stops: (() => void)[] = [];
  async function abandon(): Promise<void> {
    for (const stop of stops.splice(0)) stop();
    for (const { usb } of modems) usb.unplug();
    for (const server of servers.splice(0)) await server.close();
  }
  return {
    guest,
    network,
    async layOne(wanted) {
      const modem = labModem({ ...wanted, network, port: modems.length });
      modems.push(modem);
      const server = await startUsbipServer({ modems: [modem.usb], port: 0 });
      servers.push(server);
      stops.push(guest.keepImported({ port: modem.port, busId: modem.usb.busId, server: server.port }));
      return modem;
    },
    abandon,
    async clear() {
      await abandon();
      for (const { usbPath } of modems) await untilGone(guest, usbPath);
    },
  };
}
