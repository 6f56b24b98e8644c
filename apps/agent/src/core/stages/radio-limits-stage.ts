import type { Model } from '@towline/modem';
import type { TargetRule } from '@towline/protocol';
import { acting, askingPerson, type Decision, faultOf, type Situation, type Stage, waiting } from '../decision.ts';
import { lookAgainMs } from '../intervals.ts';
import { maxVainWrites } from '../memory.ts';
import { limitFault, type RadioLimit, radioLimits } from '../radio-limits.ts';
import { matchingRule } from '../resolve.ts';
import { afterHangUp } from './hang-up-step.ts';

interface Asked {
  readonly rule: TargetRule;
  readonly model: Model;
}

function limited(situation: Situation, limit: RadioLimit, { rule, model }: Asked): Decision | null {
  const { observed, memory, nowMs } = situation;
  const { profile } = rule;
  const write = limit.write(profile);
  if (!write) return null;
  const [wanted, seen] = [limit.wanted(profile), limit.seen(observed, profile)];
  if (seen === wanted) return null;
  const fault = limitFault(limit, model, profile);
  if (fault) return askingPerson(fault, nowMs + lookAgainMs.person, { rule });
  // One answer that got lost takes no link down; what is not up yet waits for the next.
  if (seen === null) return memory.verifiedSinceMs === null ? waiting('sim-ready', nowMs + lookAgainMs.soon, { rule }) : null;
  if (limit.writes(memory) >= maxVainWrites) {
    const notKept = faultOf(limit.notKept, [`wrote ${wanted}, the modem is kept to ${seen}`]);
    return askingPerson(notKept, nowMs + lookAgainMs.person, { rule });
  }
  const connection = observed.bearer?.active ? 'connected' : 'sim-ready';
  return acting(connection, afterHangUp(situation, { model, wanted: profile.dataMode }, write), { rule });
}

/**
 * Is the modem kept to the radio technology and the bands that the rule names? Asked before it is registered, as it may be kept from the very
 * network that it is to be on. A rule that depends on roaming cannot be asked by then, and waits for a network.
 */
export const radioLimitsStage: Stage = (situation) => {
  const { observed, model, target } = situation;
  const rule = target && matchingRule(target, observed);
  if (!rule || !model) return null;
  for (const limit of radioLimits) {
    const decision = limited(situation, limit, { rule, model });
    if (decision) return decision;
  }
  return null;
};
