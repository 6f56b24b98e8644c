import { type Cancel, Fault } from '@towline/kit';
import type { SerialPort } from '@towline/modem';

/** The host's end of a simulated tty. */
export class SimulatedPort implements SerialPort {
  readonly path: string;
  readonly #modemSide: { write(bytes: Uint8Array): void; closed(): void };
  readonly #dataListeners = new Set<(bytes: Uint8Array) => void>();
  readonly #closeListeners = new Set<(reason: string) => void>();
  #open = true;

  constructor(path: string, modemSide: { write(bytes: Uint8Array): void; closed(): void }) {
    this.path = path;
    this.#modemSide = modemSide;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.#open) throw new Fault('port.closed', `${this.path} is closed`);
    this.#modemSide.write(bytes);
  }

  onData(listen: (bytes: Uint8Array) => void): Cancel {
    this.#dataListeners.add(listen);
    return () => {
      this.#dataListeners.delete(listen);
    };
  }

  onClose(listen: (reason: string) => void): Cancel {
    this.#closeListeners.add(listen);
    return () => {
      this.#closeListeners.delete(listen);
    };
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#end('closed');
    this.#modemSide.closed();
  }

  /** The modem went away under the port. */
  fail(reason: string): void {
    if (this.#open) this.#end(reason);
  }

  deliver(bytes: Uint8Array): void {
    if (!this.#open) return;
    for (const listen of this.#dataListeners) listen(bytes);
  }

  #end(reason: string): void {
    this.#open = false;
    for (const listen of this.#closeListeners) listen(reason);
    this.#closeListeners.clear();
    this.#dataListeners.clear();
  }
}
