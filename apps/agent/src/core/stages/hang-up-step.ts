import type { DataMode, Model } from '@towline/modem';
import type { ConnectionProfile } from '@towline/protocol';
import type { Situation } from '../decision.ts';
import { bearerMode } from '../dial-mode.ts';
import type { HangUpReason, Step } from '../step.ts';
import { currentMode } from './ready.ts';

/** Takes the bearer down. */
export function hangUpStep({ model, mode }: { readonly model: Model; readonly mode: DataMode }, because: HangUpReason): Step {
  return { kind: 'hang-up', contextId: model.attachContext, mode, because, cutsLink: true, changesDialling: because === 'profile-changed' };
}

interface Dialled {
  readonly model: Model;
  /** How the rule that is to be left, or come to, wants it dialled. */
  readonly wanted: ConnectionProfile['dataMode'];
}

/** What no bearer survives is written once the one that is up was taken down. */
export function afterHangUp({ observed, means }: Situation, { model, wanted }: Dialled, write: Step): readonly [Step, ...Step[]] {
  if (!observed.bearer?.active) return [write];
  const mode = bearerMode({ wanted, current: currentMode(observed), offered: observed.offeredModes, model, means });
  return [hangUpStep({ model, mode }, 'profile-changed'), write];
}
