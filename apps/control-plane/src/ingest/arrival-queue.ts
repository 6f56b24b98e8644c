import { Arrival, type OfferedMessage } from './arrival.ts';

export interface QueueBounds {
  readonly messages: number;
  readonly bytes: number;
  /** Of one device, so that a chatty one doesn't take the room of others. */
  readonly perDevice: number;
  /** Messages that wait outside, their devices not read from. */
  readonly held: number;
  /** Longest wait outside. A broker that doesn't read doesn't hear pings either, and would lose the device. */
  readonly holdMs: number;
  /** How long the broker waits for the commit of a message that is inside, before it may read on. */
  readonly patienceMs: number;
}

/**
 * Where messages wait for their batch, bounded in number and bytes. Beyond the bounds an arrival is held outside; beyond those,
 * or held too long, a report is shed: the device, which still has it, sends it again. Hellos and presence are small, few, and
 * not sent again, so they always find room.
 */
export class ArrivalQueue {
  readonly #bounds: QueueBounds;
  #queue: Arrival[] = [];
  #held: Arrival[] = [];
  /** Inside, in order of arrival, and not known to be committed. */
  #unreleased: Arrival[] = [];
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

  offer(offered: OfferedMessage, nowMs: number): void {
    const arrival = new Arrival(offered, nowMs);
    if (this.#hasRoom(arrival)) this.#admit(arrival);
    else if (this.#held.length < this.#bounds.held) this.#held.push(arrival);
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

  /** The oldest, in order, each to be released after its commit; makes room for what is held. */
  take(limit: number): Arrival[] {
    const taken = this.#queue.slice(0, limit);
    this.#queue = this.#queue.slice(limit);
    for (const arrival of taken) this.#forget(arrival);
    this.#admitHeld();
    return taken;
  }

  /** Lets go what was held too long, and lets the broker read on where a commit takes too long. */
  expire(nowMs: number): void {
    const { holdMs, patienceMs } = this.#bounds;
    for (const arrival of this.#unreleased) {
      if (nowMs - arrival.sinceMs < patienceMs) break;
      arrival.release();
    }
    this.#unreleased = this.#unreleased.filter((arrival) => !arrival.released);
    const expired = this.#held.filter(({ sinceMs }) => nowMs - sinceMs >= holdMs);
    this.#held = this.#held.slice(expired.length);
    for (const arrival of expired) this.#letGo(arrival);
  }

  #hasRoom({ message, bytes }: Arrival): boolean {
    if (message.kind === 'hello' || message.kind === 'presence') return true;
    if (this.#queue.length >= this.#bounds.messages || this.#bytes + bytes > this.#bounds.bytes) return false;
    return (this.#perDevice.get(message.address.device) ?? 0) < this.#bounds.perDevice;
  }

  #admit(arrival: Arrival): void {
    const { device } = arrival.message.address;
    this.#queue.push(arrival);
    this.#unreleased.push(arrival);
    this.#bytes += arrival.bytes;
    this.#perDevice.set(device, (this.#perDevice.get(device) ?? 0) + 1);
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

  #forget({ message, bytes }: Arrival): void {
    const { device } = message.address;
    this.#bytes -= bytes;
    const count = (this.#perDevice.get(device) ?? 1) - 1;
    if (count > 0) this.#perDevice.set(device, count);
    else this.#perDevice.delete(device);
  }

  #letGo(arrival: Arrival): void {
    this.#shed += 1;
    arrival.release();
  }
}
