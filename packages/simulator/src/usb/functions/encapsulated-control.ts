import { le16 } from '../little-endian.ts';
import type { SetupPacket } from '../setup-packet.ts';
import { type ControlAnswer, done, type UsbPipes } from '../usb-function.ts';

/** Requests of USB CDC 1.2 table 19. */
const request = { send: 0x00, get: 0x01 } as const;

export interface EncapsulatedWiring {
  readonly interfaceNumber: number;
  readonly interruptIn: number | null;
  readonly pipes: UsbPipes;
  /** What says on the interrupt endpoint that a response is there. */
  readonly notification: Uint8Array;
  /** A message from the host. */
  readonly receive: (message: Uint8Array) => void;
}

/** RESPONSE_AVAILABLE of USB CDC 1.2 table 20. */
export function responseAvailable(interfaceNumber: number): Uint8Array {
  return Uint8Array.from([0xa1, 0x01, 0, 0, ...le16(interfaceNumber), 0, 0]);
}

/** Responses that nobody fetched; a module has no more room either. */
const queueBound = 64;

/** Messages over the control endpoint: QMI, MBIM and RNDIS go this way, each message fetched after a notification. */
export class EncapsulatedControl {
  readonly #wiring: EncapsulatedWiring;
  #responses: Uint8Array[] = [];

  constructor(wiring: EncapsulatedWiring) {
    this.#wiring = wiring;
  }

  /** Null: the request is none of these two. */
  control(setup: SetupPacket, data: Uint8Array): ControlAnswer | null {
    if (setup.type !== 'class') return null;
    if (setup.request === request.send && !setup.toHost) {
      this.#wiring.receive(data);
      return done;
    }
    if (setup.request === request.get && setup.toHost) return this.#responses.shift() ?? done;
    return null;
  }

  respond(message: Uint8Array): void {
    if (this.#responses.length >= queueBound) return;
    this.#responses.push(message);
    const { interruptIn, notification, pipes } = this.#wiring;
    if (interruptIn !== null) pipes.send(interruptIn, notification);
  }

  clear(): void {
    this.#responses = [];
    if (this.#wiring.interruptIn !== null) this.#wiring.pipes.clear(this.#wiring.interruptIn);
  }
}
