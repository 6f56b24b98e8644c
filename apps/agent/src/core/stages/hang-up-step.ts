import type { DataMode, Model } from '@towline/modem';
import type { HangUpReason, Step } from '../step.ts';

/** Takes the bearer down. */
export function hangUpStep({ model, mode }: { readonly model: Model; readonly mode: DataMode }, because: HangUpReason): Step {
  return { kind: 'hang-up', contextId: model.attachContext, mode, because, cutsLink: true, changesDialling: because === 'profile-changed' };
}
