import { InEndpoint } from './in-endpoint.ts';
import type { SetupPacket } from './setup-packet.ts';
import { StandardRequests } from './standard-requests.ts';
import { delivered, failed, moved, type Urb } from './urb.ts';
import type { UsbDescription } from './usb-description.ts';
import type { ControlAnswer, UsbFunction, UsbPipes } from './usb-function.ts';

/** What a device has to do with what is around it. */
export interface UsbSurroundings {
  /** Whether transfers come through garbled now. */
  readonly wireFails?: () => boolean;
  /** The host took the configuration away. */
  readonly unconfigured?: () => void;
}

/** A device from one enumeration to its detach: USB 2.0 chapter 9 in front, its functions behind. */
export class UsbDevice {
  readonly description: UsbDescription;
  readonly #functions: readonly UsbFunction[];
  readonly #inputs = new Map<number, InEndpoint>();
  readonly #outputs = new Map<number, UsbFunction>();
  readonly #standard: StandardRequests;
  readonly #wireFails: () => boolean;
  #open = true;

  constructor(
    description: UsbDescription,
    createFunctions: (pipes: UsbPipes) => readonly UsbFunction[],
    { wireFails = () => false, unconfigured = () => {} }: UsbSurroundings = {},
  ) {
    this.description = description;
    this.#wireFails = wireFails;
    const endpoints = description.interfaces.flatMap((one) =>
      one.alternates.flat().map((endpoint) => ({ address: endpoint.address, interfaceNumber: one.number })),
    );
    for (const { address } of endpoints) if (address >= 0x80) this.#inputs.set(address, new InEndpoint());
    this.#functions = createFunctions({
      send: (endpoint, transfer) => this.#inputs.get(endpoint)?.send(transfer),
      clear: (endpoint) => this.#inputs.get(endpoint)?.clear(),
    });
    for (const { address, interfaceNumber } of endpoints) {
      const owner = this.#functionOf(interfaceNumber);
      if (address < 0x80 && owner) this.#outputs.set(address, owner);
    }
    this.#standard = new StandardRequests(description, {
      selected: (interfaceNumber, alternate) => this.#functionOf(interfaceNumber)?.selectAlternate(interfaceNumber, alternate),
      unconfigured,
    });
  }

  /** Takes one URB; it is completed now, or when the device has something for it. */
  submit(urb: Urb): void {
    if (!this.#open) return urb.complete(failed('gone'));
    if (this.#wireFails()) return urb.complete(failed('protocol'));
    if (urb.setup) return this.#control(urb, urb.setup);
    const input = this.#inputs.get(urb.endpoint);
    if (input) return input.submit(urb);
    // An endpoint of a port that says nothing swallows what it is given.
    this.#outputs.get(urb.endpoint)?.receive(urb.endpoint, urb.data);
    urb.complete(urb.endpoint < 0x80 ? moved(urb.data.length) : failed('stall'));
  }

  /** Takes an URB back that still waits; false when it was completed already. */
  takeBack(urb: Urb): boolean {
    return this.#inputs.get(urb.endpoint)?.takeBack(urb) ?? false;
  }

  /** Detached: whatever waits ends as `gone`. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const one of this.#functions) one.close();
    for (const input of this.#inputs.values()) input.close();
  }

  #control(urb: Urb, setup: SetupPacket): void {
    const answer = this.#answer(setup, urb.data);
    if (answer === 'stall') urb.complete(failed('stall'));
    else if (setup.toHost) urb.complete(delivered(answer.subarray(0, Math.min(setup.length, urb.room))));
    else urb.complete(moved(urb.data.length));
  }

  #answer(setup: SetupPacket, data: Uint8Array): ControlAnswer {
    if (setup.type === 'standard') return this.#standard.answer(setup);
    if (setup.recipient !== 'interface') return 'stall';
    return this.#functionOf(setup.index & 0xff)?.control(setup, data) ?? 'stall';
  }

  #functionOf(interfaceNumber: number): UsbFunction | undefined {
    return this.#functions.find(({ interfaces }) => interfaces.includes(interfaceNumber));
  }
}
