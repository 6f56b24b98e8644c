import type { ReadMessage } from './read-message.ts';

export interface QueueBounds {
  readonly messages: number;
  readonly bytes: number;
  /** Of one device, so that a chatty one doesn't take the room of others. */
  readonly perDevice: number;
  /** Messages that wait outside, their devices not read from. */
  readonly held: number;
  /** Longest wait outside. A broker that doesn't read doesn't hear pings either, and would lose the device. */
  readonly holdMs: number;
}

export interface Arrival {
  readonly message: ReadMessage;
  readonly bytes: number;
  /** Tells the broker to go on reading from the device. */
  readonly taken: () => void;
}

interface Held extends Arrival {
  readonly sinceMs: number;
}

/**
 * Where messages wait for their batch, bounded in number and bytes. Beyond the bounds an arrival is held: its broker callback
 * waits. Beyond those, or held too long, a report is shed: the device, which still has it, sends it again. Hellos, presence and
 * that a target is held are small, few, and not sent again, so they find room beside all else; only who says them over and over waits.
 */
export class ArrivalQueue {
  readonly #bounds: QueueBounds;
  #queue: Arrival[] = [];
  #held: Held[] = [];
  #bytes = 0;
  readonly #perDevice = new Map<string, number>();
  #shed = 0;
  #wake: (() => void) | null = null;

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#queue.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get heldCount(): number {
    return this.#held.length;
  }

  /** Reports let go since the start; their devices send them again. */
  get shedCount(): number {
    return this.#shed;
  }

  offer(arrival: Arrival, nowMs: number): void {
    if (this.#hasRoom(arrival)) this.#admit(arrival);
    else if (this.#held.length < this.#bounds.held) this.#held.push({ ...arrival, sinceMs: nowMs });
    else this.#letGo(arrival);
  }

  /** Resolves when something is there, or on `wake`. */
  arrival(): Promise<void> {
    if (this.#queue.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    this.#wake?.();
    this.#wake = null;
  }

  /** The oldest, in order; makes room for what is held. */
  take(limit: number): ReadMessage[] {
    const taken = this.#queue.slice(0, limit);
    this.#queue = this.#queue.slice(limit);
    for (const { message, bytes } of taken) this.#forget(message.address.device, bytes);
    this.#admitHeld();
    return taken.map(({ message }) => message);
  }

  /** Lets go what was held too long. */
  expire(nowMs: number): void {
    const [first] = this.#held;
    if (!first || nowMs - first.sinceMs < this.#bounds.holdMs) return;
    const expired = this.#held.filter(({ sinceMs }) => nowMs - sinceMs >= this.#bounds.holdMs);
    this.#held = this.#held.slice(expired.length);
    for (const arrival of expired) this.#letGo(arrival);
  }

  #hasRoom({ message, bytes }: Arrival): boolean {
    const own = this.#perDevice.get(message.address.device) ?? 0;
    if (message.kind === 'hello' || message.kind === 'presence' || message.kind === 'held') return own < 2 * this.#bounds.perDevice;
    if (this.#queue.length >= this.#bounds.messages || this.#bytes + bytes > this.#bounds.bytes) return false;
    return own < this.#bounds.perDevice;
  }

  #admit(arrival: Arrival): void {
    const { device } = arrival.message.address;
    this.#queue.push(arrival);
    this.#bytes += arrival.bytes;
    this.#perDevice.set(device, (this.#perDevice.get(device) ?? 0) + 1);
    arrival.taken();
    if (this.#wake) this.wake();
  }

  #admitHeld(): void {
    if (this.#held.length === 0) return;
    const waiting = this.#held;
    this.#held = [];
    for (const arrival of waiting) {
      if (this.#hasRoom(arrival)) this.#admit(arrival);
      else this.#held.push(arrival);
    }
  }

  #forget(device: string, bytes: number): void {
    this.#bytes -= bytes;
    const count = (this.#perDevice.get(device) ?? 1) - 1;
    if (count > 0) this.#perDevice.set(device, count);
    else this.#perDevice.delete(device);
  }

  #letGo({ taken }: Arrival): void {
    this.#shed += 1;
    taken();
  }
}
