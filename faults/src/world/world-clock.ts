import type { Cancel, Clock } from '@towline/kit';

interface Entry {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

const isBefore = (left: Entry, right: Entry) => left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.order < right.order);

/** All promises that can settle now do so: the agent knows no others than those of this world. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** 2026-01-01, where every world begins. */
const startWallMs = Date.UTC(2026, 0, 1);

/** The one time of a world. It moves only when told to, from one event to the next, in a fixed order. */
export class WorldClock implements Clock {
  private now = 0;
  private order = 0;
  private wallOffsetMs = startWallMs;
  private readonly heap: Entry[] = [];

  wallMs(): number {
    return this.wallOffsetMs + this.now;
  }

  monotonicMs(): number {
    return this.now;
  }

  /** The wall clocks of this world jump; what is measured does not. */
  jumpWall(byMs: number): void {
    this.wallOffsetMs += byMs;
  }

  schedule(delayMs: number, run: () => void): Cancel {
    const entry: Entry = { dueMs: this.now + Math.max(0, delayMs), order: this.order, run, cancelled: false };
    this.order += 1;
    this.push(entry);
    return () => {
      entry.cancelled = true;
    };
  }

  /** Moves on to `untilMs`, or until `isOver` says so after an event. */
  async runUntil(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    await settle();
    for (let next = this.heap[0]; next && next.dueMs <= untilMs && !isOver(); next = this.heap[0]) {
      this.pop();
      if (next.cancelled) continue;
      this.now = Math.max(this.now, next.dueMs);
      next.run();
      await settle();
    }
    if (!isOver()) this.now = Math.max(this.now, untilMs);
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (!parent || !isBefore(entry, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const below = this.lesserBelow(at);
      const child = heap[below];
      if (!child || !isBefore(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }

  private lesserBelow(at: number): number {
    const left = this.heap[2 * at + 1];
    const right = this.heap[2 * at + 2];
    return left && right && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
  }
}
