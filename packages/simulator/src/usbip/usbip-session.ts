import type { Cancel } from '@towline/kit';
import type { Urb } from '../usb/urb.ts';
import type { UsbDevice } from '../usb/usb-device.ts';
import type { UsbModem } from '../usb/usb-modem.ts';
import type { UsbipExports } from './usbip-exports.ts';
import {
  encodeDeviceList,
  encodeImported,
  encodeImportRefused,
  encodeSubmitReply,
  encodeUnlinkReply,
  usbipStatus,
} from './usbip-replies.ts';
import type { UsbipRequest } from './usbip-requests.ts';
import { UsbipStream } from './usbip-stream.ts';

/** The way back to one client. */
export interface UsbipClient {
  send(bytes: Uint8Array): void;
  /** Ends the connection: for the client that is an unplug. */
  end(): void;
}

/** URBs that wait for data; the drivers of a modem keep fewer than a hundred. */
const waitingBound = 4_096;

/** One connection of a USB/IP client, from its first byte to its end. */
export class UsbipSession {
  readonly #exports: UsbipExports;
  readonly #client: UsbipClient;
  readonly #stream = new UsbipStream();
  readonly #waiting = new Map<number, Urb>();
  #device: UsbDevice | null = null;
  #release: Cancel | null = null;
  #unlisten: Cancel | null = null;

  constructor(exports: UsbipExports, client: UsbipClient) {
    this.#exports = exports;
    this.#client = client;
  }

  /** Whether a device was asked for: such a connection may stay quiet for long. */
  get importing(): boolean {
    return this.#release !== null;
  }

  receive(chunk: Uint8Array): void {
    for (const request of this.#stream.push(chunk)) this.#handle(request);
  }

  /** The connection ended. */
  close(): void {
    this.#unlisten?.();
    this.#unlisten = null;
    const device = this.#device;
    this.#device = null;
    this.#waiting.clear();
    device?.close();
    this.#release?.();
    this.#release = null;
  }

  #handle(request: UsbipRequest): void {
    switch (request.kind) {
      case 'list-devices':
        this.#client.send(encodeDeviceList(this.#exports.list()));
        return this.#client.end();
      case 'import':
        return this.#import(request.busId);
      case 'submit':
        return this.#submit(request);
      case 'unlink':
        return this.#unlink(request);
      case 'malformed':
        return this.#client.end();
    }
  }

  #import(busId: string): void {
    const claim = this.#exports.claim(busId);
    if (claim.kind === 'refused') {
      this.#client.send(encodeImportRefused(usbipStatus[claim.why]));
      return this.#client.end();
    }
    this.#release = claim.release;
    const { modem } = claim;
    this.#unlisten = modem.onPresence((present) => {
      if (present) this.#attach(modem);
      else if (this.#device) this.#detached();
    });
    // Held until the modem is plugged in: its return after a restart then attaches by itself.
    if (modem.description) this.#attach(modem);
  }

  /** The modem left. It is free for the next import at once, which may come before this connection is closed. */
  #detached(): void {
    this.close();
    this.#client.end();
  }

  #attach(modem: UsbModem): void {
    const exported = this.#exports.find(modem.busId);
    if (this.#device || !exported) return;
    this.#device = modem.enumerate();
    this.#client.send(encodeImported(exported));
  }

  #submit(request: Extract<UsbipRequest, { kind: 'submit' }>): void {
    const { sequence, toHost, endpoint, room, setup, data } = request;
    if (!this.#device || this.#waiting.size >= waitingBound) return this.#client.end();
    const urb: Urb = {
      endpoint: toHost ? endpoint | 0x80 : endpoint,
      setup: endpoint === 0 ? setup : null,
      data,
      room,
      complete: (result) => {
        // After the end of the connection nobody waits for it.
        if (this.#waiting.delete(sequence)) this.#client.send(encodeSubmitReply(sequence, result));
      },
    };
    this.#waiting.set(sequence, urb);
    this.#device.submit(urb);
  }

  #unlink({ sequence, unlinked }: Extract<UsbipRequest, { kind: 'unlink' }>): void {
    const urb = this.#waiting.get(unlinked);
    const takenBack = urb !== undefined && (this.#device?.takeBack(urb) ?? false);
    if (takenBack) this.#waiting.delete(unlinked);
    this.#client.send(encodeUnlinkReply(sequence, takenBack));
  }
}
