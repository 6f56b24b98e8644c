import type { Model, Rat } from '@towline/modem';
import { acting, type Decision, faultOf, type Situation, type Stage, waiting } from '../decision.ts';
import { lookAgainMs } from '../intervals.ts';
import { matchingRule } from '../resolve.ts';
import { isBelowFloor } from '../signal-floor.ts';
import { hangUpStep } from './hang-up-step.ts';
import { modeAnswer } from './ready.ts';
import { rungFor } from './rung-for.ts';

const lpwa: readonly (Rat | null)[] = ['lte-m', 'nb-iot'];

/** How long this modem may search: LTE Cat-M1 and NB-IoT take many minutes where LTE takes one. */
function searchBoundMs(model: Model, rat: Rat | null): number {
  const slow = model.technology === 'lpwa' || lpwa.includes(rat);
  return (slow ? model.bounds.registerLpwa : model.bounds.register) * 1_000;
}

function searching(situation: Situation, model: Model): Decision {
  const { observed, memory, nowMs } = situation;
  const bound = searchBoundMs(model, observed.registration?.rat ?? null);
  const searchedMs = memory.searchingSinceMs === null ? 0 : nowMs - memory.searchingSinceMs;
  if (searchedMs < bound) return waiting('sim-ready', nowMs + lookAgainMs.registering);
  if (isBelowFloor(observed.signal)) return waiting('sim-ready', nowMs + lookAgainMs.verified, { fault: faultOf('rf.weak') });
  const rung = rungFor(situation, 'network.search-timeout');
  if (rung) return acting('sim-ready', [rung], { fault: faultOf('network.search-timeout') });
  return waiting('sim-ready', nowMs + lookAgainMs.verified, { fault: faultOf('network.search-timeout') });
}

/** Is it registered? Denial is the operator's decision and is never answered with a reset. */
export const registrationStage: Stage = (situation) => {
  const { observed, model, nowMs } = situation;
  const state = observed.registration?.state;
  if (state === 'home' || state === 'roaming') return null;
  if (state === 'denied')
    return waiting('sim-ready', nowMs + lookAgainMs.verified, {
      fault: faultOf('network.denied', [`registration denied on ${observed.registration?.servingPlmn ?? 'an unknown network'}`]),
    });
  return model && searching(situation, model);
};

/** Is there anything to be: a target, and a rule in it that holds for this SIM? What is up without one is left alone. */
export const ruleStage: Stage = ({ observed, target, nowMs }) => {
  const connection = observed.bearer?.active ? 'connected' : 'registered';
  if (!target) return waiting(connection, nowMs + lookAgainMs.verified);
  if (matchingRule(target, observed)) return null;
  return waiting(connection, nowMs + lookAgainMs.verified, { fault: faultOf('policy.no-rule') });
};

/** May it roam, if it does? */
export const roamingStage: Stage = (situation) => {
  const { observed, target, model, nowMs } = situation;
  const rule = target && matchingRule(target, observed);
  if (!rule || !model || rule.profile.roaming || observed.registration?.state !== 'roaming') return null;
  const fault = faultOf('network.roaming-refused', [`roaming on ${observed.registration.servingPlmn ?? 'an unknown network'}`]);
  const answer = modeAnswer(situation, model, rule);
  if (!observed.bearer?.active || !answer.ok) return waiting('registered', nowMs + lookAgainMs.verified, { fault, rule });
  const { mode } = answer;
  return acting('connected', [hangUpStep({ model, mode }, 'roaming')], { fault, rule, mode });
};
