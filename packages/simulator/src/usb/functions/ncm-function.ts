import type { Cancel } from '@towline/kit';
import { createNtbFraming } from '../../ntb/ntb-framing.ts';
import type { SetupPacket } from '../setup-packet.ts';
import type { ControlAnswer, UsbFunction } from '../usb-function.ts';
import { connectionSpeed, networkConnection } from './ecm-function.ts';
import type { FrameChannel, NetworkWiring } from './network-wiring.ts';
import { NtbControl } from './ntb-control.ts';

const maxFrame = 1_514;

/** CDC-NCM: Ethernet frames in transfer blocks. */
export class NcmFunction implements UsbFunction {
  readonly interfaces: readonly number[];
  readonly #wiring: NetworkWiring;
  readonly #frames: FrameChannel;
  readonly #framing = createNtbFraming({ kind: 'ethernet' });
  readonly #blocks = new NtbControl(maxFrame);
  #stop: Cancel | null = null;

  constructor(wiring: NetworkWiring, frames: FrameChannel) {
    this.interfaces = [wiring.control, wiring.data];
    this.#wiring = wiring;
    this.#frames = frames;
  }

  control(setup: SetupPacket, data: Uint8Array): ControlAnswer {
    return this.#blocks.control(setup, data) ?? 'stall';
  }

  receive(_endpoint: number, data: Uint8Array): void {
    if (this.#stop) for (const frame of this.#framing.unwrap(data)) this.#frames.receive(frame);
  }

  selectAlternate(interfaceNumber: number, alternate: number): void {
    const { pipes, bulkIn, interruptIn, control, data } = this.#wiring;
    if (interfaceNumber !== data) return;
    this.#off();
    if (alternate === 0) return;
    this.#stop = this.#frames.onFrame((frame) => pipes.send(bulkIn, this.#framing.wrap(frame)));
    if (interruptIn === null) return;
    // USB NCM 1.0 clause 7.1: the speed goes before the connection.
    pipes.send(interruptIn, connectionSpeed(control));
    pipes.send(interruptIn, networkConnection(control, true));
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
