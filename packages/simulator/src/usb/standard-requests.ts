import { configurationDescriptor, descriptorType, deviceDescriptor, deviceQualifierDescriptor, stringDescriptor } from './descriptors.ts';
import type { SetupPacket } from './setup-packet.ts';
import type { UsbDescription } from './usb-description.ts';
import { type ControlAnswer, done } from './usb-function.ts';

/** Standard requests of USB 2.0 table 9-4. */
const request = {
  getStatus: 0,
  clearFeature: 1,
  setFeature: 3,
  setAddress: 5,
  getDescriptor: 6,
  getConfiguration: 8,
  setConfiguration: 9,
  getInterface: 10,
  setInterface: 11,
} as const;

/** What a device does about its configuration. */
export interface ConfigurationListener {
  /** An interface is in this alternate setting now. */
  selected(interfaceNumber: number, alternate: number): void;
  /** The host took the configuration away. */
  unconfigured(): void;
}

/** The default control endpoint's answers, with the configuration and alternate settings in force. */
export class StandardRequests {
  readonly #device: UsbDescription;
  readonly #on: ConfigurationListener;
  readonly #alternates = new Map<number, number>();
  #configuration = 0;

  constructor(device: UsbDescription, on: ConfigurationListener) {
    this.#device = device;
    this.#on = on;
  }

  answer(setup: SetupPacket): ControlAnswer {
    switch (setup.request) {
      case request.getStatus:
        return Uint8Array.from([0, 0]);
      case request.getDescriptor:
        return this.#descriptor(setup.value >>> 8, setup.value & 0xff);
      case request.getConfiguration:
        return Uint8Array.from([this.#configuration]);
      case request.setConfiguration:
        return this.#configure(setup.value);
      case request.getInterface:
        return Uint8Array.from([this.#alternates.get(setup.index) ?? 0]);
      case request.setInterface:
        return this.#selectAlternate(setup.index, setup.value);
      case request.clearFeature:
      case request.setFeature:
      case request.setAddress:
        return done;
      default:
        return 'stall';
    }
  }

  #descriptor(type: number, index: number): ControlAnswer {
    switch (type) {
      case descriptorType.device:
        return deviceDescriptor(this.#device);
      case descriptorType.deviceQualifier:
        return deviceQualifierDescriptor(this.#device);
      case descriptorType.configuration:
        return index === 0 ? configurationDescriptor(this.#device) : 'stall';
      case descriptorType.string:
        return stringDescriptor(this.#device, index) ?? 'stall';
      default:
        return 'stall';
    }
  }

  #configure(value: number): ControlAnswer {
    if (value > 1) return 'stall';
    this.#configuration = value;
    this.#alternates.clear();
    for (const { number } of this.#device.interfaces) this.#on.selected(number, 0);
    if (value === 0) this.#on.unconfigured();
    return done;
  }

  #selectAlternate(interfaceNumber: number, alternate: number): ControlAnswer {
    const found = this.#device.interfaces.find(({ number }) => number === interfaceNumber);
    if (!found || alternate >= found.alternates.length) return 'stall';
    this.#alternates.set(interfaceNumber, alternate);
    this.#on.selected(interfaceNumber, alternate);
    return done;
  }
}
