import type { Cancel } from '@towline/kit';
import { createNtbFraming } from '../../ntb/ntb-framing.ts';
import { mbimSegment } from '../functional-descriptors.ts';
import type { SetupPacket } from '../setup-packet.ts';
import { type ControlAnswer, done, type UsbFunction } from '../usb-function.ts';
import { EncapsulatedControl, responseAvailable } from './encapsulated-control.ts';
import type { ControlPeer, NetworkWiring, PacketChannel } from './network-wiring.ts';
import { NtbControl } from './ntb-control.ts';

export interface MbimSide {
  readonly peer: ControlPeer;
  /** IP packets of session 0. */
  readonly packets: PacketChannel;
}

/** RESET_FUNCTION of USB NCM 1.0 clause 6.2. */
const resetFunction = 0x05;

/** USB MBIM 1.0: control messages by encapsulated commands, IP packets in transfer blocks. */
export class MbimFunction implements UsbFunction {
  readonly interfaces: readonly number[];
  readonly #wiring: NetworkWiring;
  readonly #side: MbimSide;
  readonly #control: EncapsulatedControl;
  readonly #framing = createNtbFraming({ kind: 'ip', session: 0 });
  readonly #blocks = new NtbControl(mbimSegment);
  readonly #stopMessages: Cancel;
  #stopPackets: Cancel | null = null;

  constructor(wiring: NetworkWiring, side: MbimSide) {
    this.interfaces = [wiring.control, wiring.data];
    this.#wiring = wiring;
    this.#side = side;
    this.#control = new EncapsulatedControl({
      interfaceNumber: wiring.control,
      interruptIn: wiring.interruptIn,
      pipes: wiring.pipes,
      notification: responseAvailable(wiring.control),
      receive: (message) => side.peer.receive(message),
    });
    this.#stopMessages = side.peer.onMessage((message) => this.#control.respond(message));
  }

  control(setup: SetupPacket, data: Uint8Array): ControlAnswer {
    if (setup.type === 'class' && setup.request === resetFunction) {
      this.#control.clear();
      return done;
    }
    return this.#control.control(setup, data) ?? this.#blocks.control(setup, data) ?? 'stall';
  }

  receive(_endpoint: number, data: Uint8Array): void {
    if (this.#stopPackets) for (const packet of this.#framing.unwrap(data)) this.#side.packets.receive(packet);
  }

  selectAlternate(interfaceNumber: number, alternate: number): void {
    const { pipes, bulkIn, data } = this.#wiring;
    if (interfaceNumber !== data) return;
    this.#off();
    if (alternate > 0) this.#stopPackets = this.#side.packets.onPacket((packet) => pipes.send(bulkIn, this.#framing.wrap(packet)));
  }

  close(): void {
    this.#off();
    this.#stopMessages();
    this.#control.clear();
  }

  #off(): void {
    this.#stopPackets?.();
    this.#stopPackets = null;
    this.#wiring.pipes.clear(this.#wiring.bulkIn);
  }
}
