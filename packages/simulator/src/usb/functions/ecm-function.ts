import type { Cancel } from '@towline/kit';
import { le16, le32 } from '../little-endian.ts';
import type { SetupPacket } from '../setup-packet.ts';
import { type ControlAnswer, done, type UsbFunction } from '../usb-function.ts';
import type { FrameChannel, NetworkWiring } from './network-wiring.ts';

/** Requests of USB CDC ECM 1.2 clause 6.2. */
const setPacketFilter = 0x43;

/** What the module says of its speed: LTE category 4, in bit/s. */
const downlinkBits = 150_000_000;
const uplinkBits = 50_000_000;

/** NETWORK_CONNECTION of USB CDC 1.2 table 20. */
export function networkConnection(interfaceNumber: number, connected: boolean): Uint8Array {
  return Uint8Array.from([0xa1, 0x00, connected ? 1 : 0, 0, ...le16(interfaceNumber), 0, 0]);
}

/** CONNECTION_SPEED_CHANGE of USB CDC 1.2 table 20. */
export function connectionSpeed(interfaceNumber: number): Uint8Array {
  return Uint8Array.from([0xa1, 0x2a, 0, 0, ...le16(interfaceNumber), ...le16(8), ...le32(downlinkBits), ...le32(uplinkBits)]);
}

/** CDC-ECM: one Ethernet frame a transfer. The carrier is on whenever the data interface is, as the module itself is the peer. */
export class EcmFunction implements UsbFunction {
  readonly interfaces: readonly number[];
  readonly #wiring: NetworkWiring;
  readonly #frames: FrameChannel;
  #stop: Cancel | null = null;

  constructor(wiring: NetworkWiring, frames: FrameChannel) {
    this.interfaces = [wiring.control, wiring.data];
    this.#wiring = wiring;
    this.#frames = frames;
  }

  control(setup: SetupPacket): ControlAnswer {
    return setup.type === 'class' && setup.request === setPacketFilter ? done : 'stall';
  }

  receive(_endpoint: number, data: Uint8Array): void {
    if (this.#stop) this.#frames.receive(data);
  }

  selectAlternate(interfaceNumber: number, alternate: number): void {
    if (interfaceNumber !== this.#wiring.data) return;
    this.#off();
    if (alternate === 0) return;
    const { pipes, bulkIn, interruptIn, control } = this.#wiring;
    this.#stop = this.#frames.onFrame((frame) => pipes.send(bulkIn, frame));
    if (interruptIn === null) return;
    pipes.send(interruptIn, networkConnection(control, true));
    pipes.send(interruptIn, connectionSpeed(control));
  }

  close(): void {
    this.#off();
    this.#frames.close();
  }

  #off(): void {
    this.#stop?.();
    this.#stop = null;
    this.#wiring.pipes.clear(this.#wiring.bulkIn);
  }
}
