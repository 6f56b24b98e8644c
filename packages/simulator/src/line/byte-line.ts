import type { Cancel, Clock, Random } from '@towline/kit';

export interface ByteLineOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly timing: LineTiming;
  readonly deliver: (bytes: Uint8Array) => void;
}

/** How bytes travel from the modem to the host. */
export interface LineTiming {
  /** Delay of an answer, drawn between the two, in milliseconds. BG96 in a log: about 50 for each command. */
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** `odd` cuts writes anywhere, also between CR and LF, as USB does. */
  readonly chunks: 'whole' | 'odd';
}

/**
 * Hands bytes over in order, late and in odd pieces, never while they are sent. It holds a timer only while something is on its way; what takes no
 * time takes none.
 */
export interface ByteLine {
  /** What does not fit into the bound of 64 kB is dropped, newest first, as a modem with a full buffer does. */
  send(bytes: Uint8Array, delayMs?: number): void;
  /** Drops what is on its way. */
  clear(): void;
}

const boundBytes = 65_536;
const largestPieces = 4;

/** Cuts at random places; the pieces together are the bytes. */
export function oddPieces(bytes: Uint8Array, random: Random): readonly Uint8Array[] {
  const cuts = new Set<number>();
  const wanted = Math.floor(random.next() * largestPieces);
  for (let cut = 0; cut < wanted; cut += 1) cuts.add(1 + Math.floor(random.next() * (bytes.length - 1)));
  const ends = [...cuts].filter((cut) => cut < bytes.length).sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly dueMs: number;
}

/** Runs it once what runs now is done: of a modem whose answers take no time, a timer for each would cost more than the answer. */
function soon(run: () => void): Cancel {
  let isOn = true;
  void Promise.resolve().then(() => {
    if (isOn) run();
  });
  return () => {
    isOn = false;
  };
}

/** @see ByteLine */
export function createByteLine({ clock, random, timing, deliver }: ByteLineOptions): ByteLine {
  let queue: Piece[] = [];
  let queued = 0;
  let lastDueMs = 0;
  let cancel: Cancel | null = null;
  const pump = (): void => {
    cancel = null;
    const nowMs = clock.monotonicMs();
    while (queue[0] && queue[0].dueMs <= nowMs) {
      const { bytes } = queue[0];
      queue.shift();
      queued -= bytes.length;
      deliver(bytes);
    }
    arm(nowMs);
  };
  const arm = (nowMs: number): void => {
    const [head] = queue;
    if (!head || cancel) return;
    cancel = head.dueMs > nowMs ? clock.schedule(head.dueMs - nowMs, pump) : soon(pump);
  };
  return {
    send(bytes, delayMs = 0) {
      if (bytes.length === 0 || queued + bytes.length > boundBytes) return;
      const nowMs = clock.monotonicMs();
      let dueMs = Math.max(lastDueMs, nowMs + delayMs);
      for (const piece of timing.chunks === 'odd' ? oddPieces(bytes, random) : [bytes]) {
        queue.push({ bytes: piece, dueMs });
        queued += piece.length;
        lastDueMs = dueMs;
        if (timing.chunks === 'odd') dueMs += random.next() * 2;
      }
      arm(nowMs);
    },
    clear() {
      cancel?.();
      cancel = null;
      queue = [];
      queued = 0;
    },
  };
}

/** A delay by the line's timing. */
export function drawDelay(timing: LineTiming, random: Random): number {
  return timing.minDelayMs + random.next() * (timing.maxDelayMs - timing.minDelayMs);
}
