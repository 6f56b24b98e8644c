export interface FlowTableOptions {
  /** When it is full, the flow that was idle for longest makes room. */
  readonly capacity: number;
  readonly idleMs: number;
  readonly nowMs: () => number;
}

/** Which conversations a bearer began; a network address translator forgets those that fall silent. */
export interface FlowTable {
  /** The host sent something in this flow. */
  open(key: string): void;
  /** Whether an answer in this flow may pass; it keeps the flow alive. */
  knows(key: string): boolean;
  readonly size: number;
}

/** @see FlowTable */
export function createFlowTable({ capacity, idleMs, nowMs }: FlowTableOptions): FlowTable {
  // A map keeps the order of insertion, and each use inserts anew: the first is the one that was idle for longest.
  const flows = new Map<string, number>();
  const touch = (key: string): void => {
    flows.delete(key);
    flows.set(key, nowMs());
  };
  return {
    open(key) {
      touch(key);
      const [oldest] = flows.keys();
      if (flows.size > capacity && oldest !== undefined) flows.delete(oldest);
    },
    knows(key) {
      const usedMs = flows.get(key);
      if (usedMs === undefined) return false;
      if (nowMs() - usedMs > idleMs) {
        flows.delete(key);
        return false;
      }
      touch(key);
      return true;
    },
    get size() {
      return flows.size;
    },
  };
}
