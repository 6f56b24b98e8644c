import type { DataMode, Model } from '@towline/modem';
import type { JobOrder, JobReport } from '@towline/protocol';
import type { Decision } from './decision.ts';
import type { ChangeView } from './modem-state.ts';
import type { ObservedModem } from './observed.ts';
import type { Step } from './step.ts';
import { changeBudgetMs } from './transaction/wanted.ts';

/** How an order ended. */
export interface OrderOutcome {
  readonly state: 'succeeded' | 'failed' | 'cancelled' | 'rejected';
  readonly fault: JobReport['fault'];
  readonly result: JobReport['result'];
}

/** An order that was begun, and what came of its own step, if it has one. */
export interface BegunOrder {
  readonly order: JobOrder;
  readonly begunAtMs: number;
  readonly failure: JobReport['fault'];
  /** What the modem was asked and said. */
  readonly answer?: JobReport['result'];
}

export interface OrderView {
  readonly observed: ObservedModem;
  readonly decision: Decision;
  readonly change: ChangeView;
  readonly model: Model | null;
  readonly nowMs: number;
}

/** The step that an order is; null: it is none. @param mode how the bearer of the modem is dialled */
export function orderedStep(order: JobOrder, { model, mode }: { readonly model: Model | null; readonly mode: DataMode }): Step | null {
  if (order.kind === 'reset-modem') return { kind: 'reset-modem', because: 'job', cutsLink: true, changesDialling: false };
  if (order.kind !== 'hang-up') return null;
  return { kind: 'hang-up', contextId: model?.attachContext ?? 1, mode, because: 'job', cutsLink: true, changesDialling: false };
}

const failed = (fault: JobReport['fault']): OrderOutcome => ({ state: 'failed', fault, result: null });
const succeeded = (result: JobReport['result']): OrderOutcome => ({ state: 'succeeded', fault: null, result });

/** Where the model is unknown, the most patient bound of any. */
const fallbackBoundS = 300;

/** How long an order may take: from the model's own bounds, with half a minute for what lies between. */
function boundMs(order: JobOrder, { model, decision }: OrderView): number {
  if (!model) return fallbackBoundS * 1_000;
  const { bounds } = model;
  const register = model.technology === 'lpwa' ? bounds.registerLpwa : bounds.register;
  const ofKind = {
    'reset-modem': bounds.reenumerate,
    dial: register + bounds.dial + bounds.address,
    'hang-up': bounds.hangUp,
    refresh: bounds.command,
    scan: bounds.command,
    'ask-modem': bounds.command,
    // There, held for as long as it may be while nobody confirms, and all the way back.
    'switch-mode': (4 * changeBudgetMs(model, decision.rule?.profile ?? {})) / 1_000,
    reboot: 0,
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

/** A switch has ended well when its change has; it has failed as soon as that turns back, which then goes on by itself. */
function judgeSwitch({ dataMode }: Extract<JobOrder, { kind: 'switch-mode' }>, { decision, change }: OrderView): OrderOutcome | null {
  const { open, phase, refusal } = change;
  const isBack = open?.phase === 'reverting' || (!open && (phase === 'given-up' || phase === 'refused'));
  if (refusal && isBack) return failed({ code: refusal.code, evidence: refusal.evidence.slice(-16) });
  if (open) return null;
  // What is dialled by: PPP leaves the modem in the composition that it is in.
  return phase === 'settled' && decision.connection === 'verified' && decision.mode === dataMode ? succeeded({ dataMode }) : null;
}

/** Whether a begun order has ended, judged after each look; null: not yet. */
export function judgeOrder(begun: BegunOrder, view: OrderView): OrderOutcome | null {
  const { order, begunAtMs, failure } = begun;
  if (failure) return failed(failure);
  const { observed, decision, nowMs } = view;
  const overdue = nowMs - begunAtMs > boundMs(order, view);
  const fault = decision.fault && { code: decision.fault.code, evidence: [...decision.fault.evidence] };
  switch (order.kind) {
    case 'refresh':
      return observed.answering ? succeeded(brief(view)) : failed(fault ?? { code: 'modem.absent', evidence: [] });
    case 'scan':
    case 'ask-modem':
      return succeeded(begun.answer ?? null);
    case 'switch-mode':
      return (
        judgeSwitch(order, view) ?? (overdue ? failed({ code: 'job.timeout', evidence: [`the modem is ${decision.connection}`] }) : null)
      );
    case 'reboot':
      return failed({ code: 'job.failed', evidence: ['no modem restarts the host'] });
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
