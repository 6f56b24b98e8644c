import type { JobOrder } from '@towline/protocol';
import { type BegunOrder, judgeOrder, type OrderOutcome, type OrderView } from '../core/orders.ts';

interface PendingOrder {
  readonly order: JobOrder;
  /** Null until the loop has turned to it. */
  readonly begun: BegunOrder | null;
  readonly resolve: (outcome: OrderOutcome) => void;
}

/** The one order that a modem's loop has: it turns to it once it is through with its batch, and judges after each look whether it has ended. */
export class CurrentOrder {
  private pending: PendingOrder | null = null;

  kind(): JobOrder['kind'] | null {
    return this.pending?.order.kind ?? null;
  }

  /** Resolves once it is settled. */
  take(order: JobOrder): Promise<OrderOutcome> {
    return new Promise((resolve) => {
      this.pending = { order, begun: null, resolve };
    });
  }

  /** Does the order's own part, if that was not done yet. */
  async begin(nowMs: number, ownPart: (order: JobOrder) => Promise<Pick<BegunOrder, 'failure' | 'answer'>>): Promise<void> {
    const { pending } = this;
    if (!pending || pending.begun) return;
    const { order } = pending;
    const told = await ownPart(order);
    if (this.pending === pending) this.pending = { ...pending, begun: { order, begunAtMs: nowMs, ...told } };
  }

  /** What has come of it; null: it was not begun, or goes on. */
  judged(view: OrderView): OrderOutcome | null {
    return this.pending?.begun ? judgeOrder(this.pending.begun, view) : null;
  }

  settle(outcome: OrderOutcome): void {
    const { pending } = this;
    this.pending = null;
    pending?.resolve(outcome);
  }

  /** Nobody will answer it. */
  drop(): void {
    this.pending = null;
  }
}
