import { nodeRandom, systemClock } from '@towline/agent/node';
import type { DataMode } from '@towline/modem';
import {
  type Behaviour,
  createSimulatedModem,
  createUsbModem,
  type OperatorNetwork,
  type SimulatedModem,
  simulatedSim,
  type UsbModem,
} from '@towline/simulator';
import { plmn } from './lab-operators.ts';
import { type ModemName, modemKinds } from './modem-kinds.ts';

export interface LabModemOptions {
  readonly name: ModemName;
  /** Its composition when it is plugged in; the factory's without it. */
  readonly mode?: DataMode;
  readonly network: OperatorNetwork;
  /** Port of the virtual host controller, from 0: where it is in the guest. */
  readonly port: number;
  /** Without it the model's own id. */
  readonly vidPid?: string;
  /** Asked for by its card. */
  readonly pin?: string;
  readonly behaviours?: readonly Behaviour[];
  /** From a reset or power to its ports being back, where the time that this kind takes is too long to wait for. */
  readonly reenumerateMs?: number;
  /** In the gateway and switched on before anybody looks; without it, plugging it in switches it on and it takes its time to boot. */
  readonly plugged?: boolean;
}

/** One modem of the lab: not plugged in at first. */
export interface LabModem {
  readonly name: ModemName;
  readonly usb: UsbModem;
  readonly simulated: SimulatedModem;
  readonly port: number;
  /** Its place in the guest's sysfs: the controller's high-speed hub is bus 1. */
  readonly usbPath: string;
}

const digits = (value: number, length: number) => String(value).padStart(length, '0');

/** An IMEI's last digit makes two modems of a kind differ by their port; its check digit is not looked at by anything here. */
const imeiOf = (name: ModemName, port: number) =>
  `${modemKinds[name].imei.slice(0, 12)}${digits(port, 2)}${modemKinds[name].imei.slice(14)}`;

export function labModem(options: LabModemOptions): LabModem {
  const { name, mode, network, port, vidPid, pin, behaviours, reenumerateMs, plugged = false } = options;
  const imsi = `${plmn}${digits(modemKinds[name].imei.length * 1000 + port, 10)}`;
  const simulated = createSimulatedModem({
    model: modemKinds[name].model,
    imei: imeiOf(name, port),
    network,
    sim: simulatedSim({ iccid: `8900101${digits(port, 12)}`, imsi, ...(pin === undefined ? {} : { pin }) }),
    clock: systemClock,
    random: nodeRandom,
    start: 'cold',
    // The bytes take their time on the emulated bus; nothing is gained by more of it.
    timing: { minDelayMs: 1, maxDelayMs: 10, chunks: 'odd' },
    ...(mode === undefined || mode === 'ppp' ? {} : { dataMode: mode }),
    ...(behaviours === undefined ? {} : { behaviours }),
    ...(reenumerateMs === undefined ? {} : { reenumerateMs }),
  });
  const busId = `1-${port + 1}`;
  const usb = createUsbModem({ busId, modem: simulated, plugged, ...(vidPid === undefined ? {} : { vidPid }) });
  return { name, usb, simulated, port, usbPath: `1-${port + 1}` };
}
