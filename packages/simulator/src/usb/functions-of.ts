import { faultCode } from '@towline/kit';
import type { SerialPort } from '@towline/modem';
import type { PortRole } from '../modem/modem-state.ts';
import type { SimulatedModem } from '../modem/simulated-modem.ts';
import { dataInterfaceOf, type LayoutInterface } from './describe-modem.ts';
import { endpointsOf, interruptOf } from './endpoints-of.ts';
import { EcmFunction } from './functions/ecm-function.ts';
import { MbimFunction } from './functions/mbim-function.ts';
import { NcmFunction } from './functions/ncm-function.ts';
import type { NetworkWiring } from './functions/network-wiring.ts';
import { QmiFunction } from './functions/qmi-function.ts';
import { RndisFunction } from './functions/rndis-function.ts';
import { SerialFunction, type SerialLine, silentLine } from './functions/serial-function.ts';
import type { NetworkSides } from './network-sides.ts';
import type { UsbDescription } from './usb-description.ts';
import type { UsbFunction, UsbPipes } from './usb-function.ts';

export interface FunctionsWanted {
  readonly description: UsbDescription;
  readonly layout: readonly LayoutInterface[];
  readonly pipes: UsbPipes;
  readonly modem: SimulatedModem;
  readonly hostMac: Uint8Array;
  readonly sides: NetworkSides;
}

function openOrNull(modem: SimulatedModem, role: PortRole): SerialPort | null {
  try {
    return modem.openPort(role);
  } catch (error) {
    // The modem restarts, or another transport holds the port: the tty is there and dead.
    if (faultCode(error) === 'port.open-failed') return null;
    throw error;
  }
}

function lineOf(modem: SimulatedModem, one: LayoutInterface): SerialLine {
  if (one.function !== 'at' && one.function !== 'modem') return silentLine;
  const role = one.function === 'at' ? 'at' : 'ppp';
  return { open: () => openOrNull(modem, role), carrier: () => modem.state.running.pppCall?.role === role };
}

function networkFunction(wanted: FunctionsWanted, one: LayoutInterface): readonly UsbFunction[] {
  const { description, layout, pipes, sides, hostMac } = wanted;
  const data = dataInterfaceOf(layout, one);
  // The data interface belongs to the function of the control interface before it.
  if (data === null && one.driver !== 'qmi_wwan') return [];
  const { bulkIn, bulkOut } = endpointsOf(description, data ?? one.number);
  const wiring: NetworkWiring = {
    control: one.number,
    data: data ?? one.number,
    interruptIn: interruptOf(description, one.number),
    bulkIn,
    bulkOut,
    pipes,
  };
  switch (one.driver) {
    case 'cdc_ether':
      return [new EcmFunction(wiring, sides.frames())];
    case 'rndis_host':
      return [new RndisFunction(wiring, sides.frames(), hostMac)];
    case 'cdc_ncm':
      return [new NcmFunction(wiring, sides.frames())];
    case 'cdc_mbim':
      return [new MbimFunction(wiring, sides.mbim())];
    case 'qmi_wwan':
      return [new QmiFunction(wiring, sides.qmi())];
    default:
      return [];
  }
}

/** What stands behind the interfaces of a composition. */
export function functionsOf(wanted: FunctionsWanted): readonly UsbFunction[] {
  const { description, layout, pipes, modem } = wanted;
  return layout.flatMap((one): readonly UsbFunction[] => {
    if (one.function === 'network') return networkFunction(wanted, one);
    const endpoints = endpointsOf(description, one.number);
    return [new SerialFunction({ interfaceNumber: one.number, endpoints, pipes }, lineOf(modem, one))];
  });
}
