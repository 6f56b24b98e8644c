import type { SerialPort } from '@towline/modem';
import type { InterfaceEndpoints } from '../endpoints-of.ts';
import { le16 } from '../little-endian.ts';
import type { SetupPacket } from '../setup-packet.ts';
import { type ControlAnswer, done, type UsbFunction, type UsbPipes } from '../usb-function.ts';

/** The modem's end of a tty. */
export interface SerialLine {
  /** Null while the modem does not let it be opened. */
  open(): SerialPort | null;
  /** Whether a data call is up on it (DCD). */
  carrier(): boolean;
}

export interface SerialWiring {
  readonly interfaceNumber: number;
  readonly endpoints: InterfaceEndpoints;
  readonly pipes: UsbPipes;
}

/** Requests of USB CDC PSTN 1.2 clause 6.3, which vendor serial ports borrow. */
const request = { setLineCoding: 0x20, getLineCoding: 0x21, setControlLineState: 0x22 } as const;

/** SERIAL_STATE of USB CDC PSTN 1.2 clause 6.5.4: DCD is bit 0, DSR bit 1. */
function serialState(interfaceNumber: number, carrier: boolean): Uint8Array {
  return Uint8Array.from([0xa1, 0x20, 0, 0, ...le16(interfaceNumber), ...le16(2), ...le16(carrier ? 3 : 2)]);
}

/** 115200 8N1. */
const lineCoding = Uint8Array.from([0x00, 0xc2, 0x01, 0x00, 0, 0, 8]);

/** A vendor serial interface. The port is open while DTR is up: a modem says `RDY` only to an open port. */
export class SerialFunction implements UsbFunction {
  readonly interfaces: readonly number[];
  readonly #wiring: SerialWiring;
  readonly #line: SerialLine;
  #port: SerialPort | null = null;
  #carrier = false;

  constructor(wiring: SerialWiring, line: SerialLine) {
    this.interfaces = [wiring.interfaceNumber];
    this.#wiring = wiring;
    this.#line = line;
  }

  control(setup: SetupPacket): ControlAnswer {
    if (setup.type !== 'class') return 'stall';
    if (setup.request === request.getLineCoding) return lineCoding;
    if (setup.request === request.setControlLineState) this.#setDtr((setup.value & 1) !== 0);
    else if (setup.request !== request.setLineCoding) return 'stall';
    return done;
  }

  receive(_endpoint: number, data: Uint8Array): void {
    // A driver that never raises DTR (new_id on another driver) still gets through.
    this.#setDtr(true);
    // The port may close under the write, when the modem restarts: the bytes are lost then, as on a real bus.
    void this.#port?.write(data).catch(() => undefined);
    this.#tellCarrier();
  }

  selectAlternate(): void {
    this.close();
  }

  close(): void {
    this.#setDtr(false);
    this.#wiring.pipes.clear(this.#wiring.endpoints.bulkIn);
  }

  #setDtr(up: boolean): void {
    if (!up) {
      const port = this.#port;
      this.#port = null;
      void port?.close();
      return this.#tellCarrier();
    }
    if (this.#port) return;
    const port = this.#line.open();
    this.#port = port;
    port?.onData((bytes) => {
      this.#wiring.pipes.send(this.#wiring.endpoints.bulkIn, bytes);
      this.#tellCarrier();
    });
    port?.onClose(() => {
      if (this.#port === port) this.#port = null;
    });
  }

  /** CONNECT and NO CARRIER go out before DCD changes. */
  #tellCarrier(): void {
    const carrier = this.#port !== null && this.#line.carrier();
    const { interruptIn } = this.#wiring.endpoints;
    if (carrier === this.#carrier) return;
    this.#carrier = carrier;
    if (interruptIn !== null) this.#wiring.pipes.send(interruptIn, serialState(this.#wiring.interfaceNumber, carrier));
  }
}

/** A port that takes what it is given and says nothing: diagnostics without a client, positions without a fix. */
export const silentLine: SerialLine = { open: () => null, carrier: () => false };
