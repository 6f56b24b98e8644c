import type { Model } from '@towline/modem';
import type { JobOrder, JobReport } from '@towline/protocol';
import type { Decision } from './decision.ts';
import type { ObservedModem } from './observed.ts';

/** How an order ended. */
export interface OrderOutcome {
  readonly state: 'succeeded' | 'failed' | 'cancelled';
  readonly fault: JobReport['fault'];
  readonly result: JobReport['result'];
}

/** An order that was begun, and what came of its own step, if it has one. */
export interface BegunOrder {
  readonly order: JobOrder;
  readonly begunAtMs: number;
  readonly failure: JobReport['fault'];
}

export interface OrderView {
  readonly observed: ObservedModem;
  readonly decision: Decision;
  readonly model: Model | null;
  readonly nowMs: number;
}

const failed = (fault: JobReport['fault']): OrderOutcome => ({ state: 'failed', fault, result: null });
const succeeded = (result: JobReport['result']): OrderOutcome => ({ state: 'succeeded', fault: null, result });

/** Where the model is unknown, the most patient bound of any. */
const fallbackBoundS = 300;

/** How long an order may take: from the model's own bounds, with half a minute for what lies between. */
function boundMs(order: JobOrder, model: Model | null): number {
  if (!model) return fallbackBoundS * 1_000;
  const { bounds } = model;
  const register = model.technology === 'lpwa' ? bounds.registerLpwa : bounds.register;
  const ofKind = {
    'reset-modem': bounds.reenumerate,
    dial: register + bounds.dial + bounds.address,
    'hang-up': bounds.hangUp,
    refresh: bounds.command,
  };
  return (ofKind[order.kind] + 30) * 1_000;
}

function brief({ observed, decision }: OrderView): JobReport['result'] {
  return {
    connection: decision.connection,
    apn: observed.bearer?.apn ?? observed.context?.apn ?? null,
    address: observed.bearer?.addresses[0] ?? null,
    rsrpDbm: observed.signal?.rsrpDbm ?? null,
  };
}

/** Whether a begun order has ended, judged after each look; null: not yet. */
export function judgeOrder({ order, begunAtMs, failure }: BegunOrder, view: OrderView): OrderOutcome | null {
  if (failure) return failed(failure);
  const { observed, decision, model, nowMs } = view;
  const overdue = nowMs - begunAtMs > boundMs(order, model);
  const fault = decision.fault && { code: decision.fault.code, evidence: [...decision.fault.evidence] };
  switch (order.kind) {
    case 'refresh':
      return observed.answering ? succeeded(brief(view)) : failed(fault ?? { code: 'modem.absent', evidence: [] });
    case 'hang-up':
      return succeeded({ redialAfterS: order.redialAfterS });
    case 'reset-modem':
      if (observed.identity) return succeeded({ product: observed.identity.product });
      return overdue ? failed(fault ?? { code: 'modem.absent', evidence: [] }) : null;
    case 'dial': {
      if (decision.connection === 'verified') return succeeded(brief(view));
      if (fault && decision.next.kind !== 'steps') return failed(fault);
      return overdue ? failed({ code: 'job.timeout', evidence: [`the modem is ${decision.connection}`] }) : null;
    }
  }
}
