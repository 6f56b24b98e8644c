import { type Cancel, Fault } from '@towline/kit';
import type { SimulatedModem } from '../modem/simulated-modem.ts';
import { type DescribedModem, describeModem } from './describe-modem.ts';
import { functionsOf } from './functions-of.ts';
import { hostMacOf } from './mac-addresses.ts';
import { modemSides } from './modem-sides.ts';
import type { NetworkSides } from './network-sides.ts';
import type { UsbDescription } from './usb-description.ts';
import { UsbDevice } from './usb-device.ts';
import { appIdOf, bootIdOf } from './usb-ids.ts';

export interface UsbModemOptions {
  /** The USB path of the device, `1-1`. */
  readonly busId: string;
  readonly modem: SimulatedModem;
  /** Which of the model's USB ids it shows; without it the first that is no boot id. */
  readonly vidPid?: string;
  /** Whether it is plugged in from the start. */
  readonly plugged?: boolean;
  /** What its network functions lead to, in a test. */
  readonly sides?: NetworkSides;
}

/** A simulated modem on a USB bus: in each data mode with that mode's interfaces, gone while it restarts. */
export interface UsbModem {
  readonly busId: string;
  readonly modem: SimulatedModem;
  /** What the bus shows now; null while the modem is away. */
  readonly description: UsbDescription | null;
  /** Called when the device came onto the bus or left it. */
  onPresence(listen: (present: boolean) => void): Cancel;
  /** Begins a new enumeration; the device of the one before is closed. @throws Fault `simulator.unplugged` */
  enumerate(): UsbDevice;
  plug(): void;
  /** Surprise removal: the modem loses power. */
  unplug(): void;
  /** The data lines part. The modem keeps its power, its bearers and whoever it gave a QMI client id to; `rejoin` puts it back on the bus. */
  part(): void;
  rejoin(): void;
  /** QMI client ids that are given out now, of all services together. */
  readonly qmiClients: number;
  /** Comes back as the vendor's boot loader (QDL) that waits for firmware, or from there as a modem. */
  setBootMode(on: boolean): void;
}

class ModemOnUsb implements UsbModem {
  readonly busId: string;
  readonly modem: SimulatedModem;
  readonly #vidPid: string | undefined;
  readonly #sides: NetworkSides;
  readonly #listeners = new Set<(present: boolean) => void>();
  #plugged: boolean;
  #boot = false;
  #parted = false;
  #present: boolean;
  #device: UsbDevice | null = null;

  constructor(options: UsbModemOptions) {
    this.busId = options.busId;
    this.modem = options.modem;
    this.#vidPid = options.vidPid;
    this.#sides = options.sides ?? modemSides(options.modem, hostMacOf(options.modem.model, options.modem.imei));
    this.#plugged = options.plugged ?? true;
    if (!this.#plugged) this.modem.unplug();
    this.#present = this.#plugged && this.modem.present;
    this.modem.onPresence(() => this.#settle());
  }

  get description(): UsbDescription | null {
    return this.#present ? this.#describe().description : null;
  }

  onPresence(listen: (present: boolean) => void): Cancel {
    this.#listeners.add(listen);
    return () => {
      this.#listeners.delete(listen);
    };
  }

  enumerate(): UsbDevice {
    if (!this.#present) throw new Fault('simulator.unplugged', `${this.busId} is not on the bus`);
    this.#device?.close();
    const { description, layout } = this.#describe();
    const { modem } = this;
    const hostMac = hostMacOf(modem.model, modem.imei);
    this.#device = new UsbDevice(description, (pipes) => functionsOf({ description, layout, pipes, modem, hostMac, sides: this.#sides }), {
      wireFails: () => modem.behaviours.find('usb-errors') !== undefined,
      unconfigured: () => modem.behaviours.unconfigured(),
    });
    return this.#device;
  }

  plug(): void {
    this.#plugged = true;
    if (!this.#boot) this.modem.plugIn();
    this.#settle();
  }

  unplug(): void {
    this.#plugged = false;
    this.modem.unplug();
    this.#settle();
  }

  part(): void {
    this.#parted = true;
    this.#settle();
  }

  rejoin(): void {
    this.#parted = false;
    this.#settle();
  }

  get qmiClients(): number {
    return this.#sides.qmiClients();
  }

  setBootMode(on: boolean): void {
    if (on === this.#boot) return;
    // Off the bus before it returns under the other id.
    this.modem.unplug();
    this.#leave();
    this.#boot = on;
    if (this.#plugged && !on) this.modem.plugIn();
    this.#settle();
  }

  #describe(): DescribedModem {
    const { model, imei, state } = this.modem;
    const appId = appIdOf(model, state.running.dataMode, this.#vidPid);
    return describeModem({
      model,
      vidPid: this.#boot ? bootIdOf(model, appId) : appId,
      dataMode: state.running.dataMode,
      hostMac: hostMacOf(model, imei),
      atPorts: this.#boot || this.modem.hasPort('at'),
    });
  }

  #settle(): void {
    const present = this.#plugged && !this.#parted && (this.#boot || this.modem.present);
    if (present === this.#present) return;
    if (!present) return this.#leave();
    this.#present = true;
    this.#tell(true);
  }

  #leave(): void {
    if (!this.#present) return;
    this.#present = false;
    const device = this.#device;
    this.#device = null;
    this.#tell(false);
    device?.close();
  }

  #tell(present: boolean): void {
    for (const listen of this.#listeners) listen(present);
  }
}

/**
 * Puts a simulated modem on a USB bus.
 * @throws Fault `simulator.unknown-usb-id`
 */
export function createUsbModem(options: UsbModemOptions): UsbModem {
  return new ModemOnUsb(options);
}
