import { delivered, failed, type Urb } from './urb.ts';

/** What is kept for a host that does not read; beyond it the newest is dropped, as in a module with full buffers. */
const queueBound = 262_144;

/** Where transfers towards the host meet the URBs that wait for them. */
export class InEndpoint {
  #waiting: Urb[] = [];
  #transfers: Uint8Array[] = [];
  #queued = 0;

  /** One transfer: it ends an URB, even when it does not fill it. What does not fit goes into the next one. */
  send(transfer: Uint8Array): void {
    if (this.#queued + transfer.length > queueBound) return;
    this.#transfers.push(transfer);
    this.#queued += transfer.length;
    this.#pump();
  }

  submit(urb: Urb): void {
    this.#waiting.push(urb);
    this.#pump();
  }

  /** False: it was completed already. */
  takeBack(urb: Urb): boolean {
    const at = this.#waiting.indexOf(urb);
    if (at >= 0) this.#waiting.splice(at, 1);
    return at >= 0;
  }

  /** Drops what no URB has taken yet. */
  clear(): void {
    this.#transfers = [];
    this.#queued = 0;
  }

  close(): void {
    this.clear();
    const left = this.#waiting;
    this.#waiting = [];
    for (const urb of left) urb.complete(failed('gone'));
  }

  #pump(): void {
    while (this.#waiting.length > 0 && this.#transfers.length > 0) {
      const urb = this.#waiting.shift();
      const transfer = this.#transfers.shift();
      if (!urb || !transfer) return;
      const piece = transfer.subarray(0, urb.room);
      const rest = transfer.subarray(piece.length);
      this.#queued -= piece.length;
      if (rest.length > 0) this.#transfers.unshift(rest);
      urb.complete(delivered(piece));
    }
  }
}
