import { acting, askingPerson, faultOf, type Situation, type Stage, waiting } from '../decision.ts';
import { bearerMode } from '../dial-mode.ts';
import { lookAgainMs } from '../intervals.ts';
import { matchingRule } from '../resolve.ts';
import type { Step } from '../step.ts';
import { hangUpStep } from './hang-up-step.ts';
import { currentMode } from './ready.ts';

/** A write that did not come into force twice does not come into force. */
const maxWrites = 2;

/** Whether this model can be kept to the radio technology that the rule names, if it names one. */
export function canBeKept({ radioAccess }: NonNullable<Situation['model']>, wanted: string | undefined): boolean {
  return wanted === undefined || (radioAccess?.modes.some(({ access }) => access === wanted) ?? false);
}

/**
 * Is the modem kept to the radio technology that the rule names? Asked before it is registered, as it may be kept from the very network that it
 * is to be on. A rule that depends on roaming cannot be asked by then, and waits for a network.
 */
export const radioAccessStage: Stage = ({ observed, model, target, memory, means, nowMs }) => {
  const rule = target && matchingRule(target, observed);
  const wanted = rule?.profile.radioAccess;
  if (!rule || !model || wanted === undefined || observed.radioAccess === wanted) return null;
  if (!canBeKept(model, wanted)) {
    return askingPerson(faultOf('radio-access.unavailable', [`${model.id} cannot be kept to ${wanted}`]), nowMs + lookAgainMs.person, {
      rule,
    });
  }
  // One answer that got lost takes no link down; what is not up yet waits for the next.
  if (observed.radioAccess === null) {
    return memory.verifiedSinceMs === null ? waiting('sim-ready', nowMs + lookAgainMs.soon, { rule }) : null;
  }
  if (memory.radioWrites >= maxWrites) {
    const fault = faultOf('radio-access.not-kept', [`wrote ${wanted}, the modem is kept to ${observed.radioAccess}`]);
    return askingPerson(fault, nowMs + lookAgainMs.person, { rule });
  }
  const write: Step = { kind: 'write-radio-access', access: wanted, cutsLink: true, changesDialling: true };
  if (!observed.bearer?.active) return acting('sim-ready', [write], { rule });
  const { offeredModes: offered } = observed;
  const mode = bearerMode({ wanted: rule.profile.dataMode, current: currentMode(observed), offered, model, means });
  return acting('connected', [hangUpStep({ model, mode }, 'profile-changed'), write], { rule });
};
