import { concatBytes } from '../usb/little-endian.ts';
import { headerLength, parseCommand, parseOperation, transferBound, type UsbipRequest } from './usbip-requests.ts';

const bufferBound = headerLength + transferBound;

/** Cuts what comes from a socket into requests. After an import only commands are understood; after `malformed` nothing is. */
export class UsbipStream {
  #buffer = new Uint8Array(0);
  #imported = false;
  #broken = false;

  push(chunk: Uint8Array): readonly UsbipRequest[] {
    if (this.#broken) return [];
    this.#buffer = new Uint8Array(concatBytes(this.#buffer, chunk));
    const requests: UsbipRequest[] = [];
    for (let next = this.#take(); next; next = this.#take()) requests.push(next);
    if (!this.#broken && this.#buffer.length > bufferBound) requests.push(this.#break('length'));
    return requests;
  }

  #take(): UsbipRequest | null {
    if (this.#broken) return null;
    const parsed = this.#imported ? parseCommand(this.#buffer) : parseOperation(this.#buffer);
    if (!parsed) return null;
    if (parsed.request.kind === 'malformed') return this.#break(parsed.request.why);
    if (parsed.request.kind === 'import') this.#imported = true;
    this.#buffer = this.#buffer.slice(parsed.taken);
    return parsed.request;
  }

  #break(why: Extract<UsbipRequest, { kind: 'malformed' }>['why']): UsbipRequest {
    this.#broken = true;
    this.#buffer = new Uint8Array(0);
    return { kind: 'malformed', why };
  }
}
