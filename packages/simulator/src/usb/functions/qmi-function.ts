import type { Cancel } from '@towline/kit';
import type { SetupPacket } from '../setup-packet.ts';
import { type ControlAnswer, done, type UsbFunction } from '../usb-function.ts';
import { EncapsulatedControl, responseAvailable } from './encapsulated-control.ts';
import type { ControlPeer, NetworkWiring, PacketChannel } from './network-wiring.ts';

export interface QmiSide {
  readonly peer: ControlPeer;
  readonly packets: PacketChannel;
  /** The function is gone; the peer stays. */
  close(): void;
}

/** DTR, which `qmi_wwan` raises where its table says so (QMI_QUIRK_SET_DTR). */
const setControlLineState = 0x22;

/** A QMI function on one vendor interface, as `qmi_wwan` and `cdc-wdm` take it. */
export class QmiFunction implements UsbFunction {
  readonly interfaces: readonly number[];
  readonly #side: QmiSide;
  readonly #control: EncapsulatedControl;
  readonly #stops: readonly Cancel[];

  constructor(wiring: NetworkWiring, side: QmiSide) {
    this.interfaces = [wiring.control];
    this.#side = side;
    this.#control = new EncapsulatedControl({
      interfaceNumber: wiring.control,
      interruptIn: wiring.interruptIn,
      pipes: wiring.pipes,
      notification: responseAvailable(wiring.control),
      receive: (message) => side.peer.receive(message),
    });
    this.#stops = [
      side.peer.onMessage((message) => this.#control.respond(message)),
      side.packets.onPacket((packet) => wiring.pipes.send(wiring.bulkIn, packet)),
    ];
  }

  control(setup: SetupPacket, data: Uint8Array): ControlAnswer {
    if (setup.type === 'class' && setup.request === setControlLineState) return done;
    return this.#control.control(setup, data) ?? 'stall';
  }

  receive(_endpoint: number, data: Uint8Array): void {
    this.#side.packets.receive(data);
  }

  selectAlternate(): void {
    this.#control.clear();
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#side.close();
    this.#control.clear();
  }
}
