import { acting, askingPerson, type Decision, faultOf, type Stage, waiting } from '../decision.ts';
import { lookAgainMs } from '../intervals.ts';
import { maxVainWrites } from '../memory.ts';
import { matchingRule } from '../resolve.ts';
import type { Step } from '../step.ts';
import { hangUpStep } from './hang-up-step.ts';
import { currentMode, modeAnswer, type Ready, toldOf } from './ready.ts';

function switching(ready: Ready, isUp: boolean): Decision {
  const { mode, model, memory, nowMs, observed } = ready;
  const told = toldOf(ready);
  const current = currentMode(observed);
  if (memory.modeSwitches >= maxVainWrites) {
    const fault = faultOf('mode.not-kept', [`wrote ${mode} ${memory.modeSwitches} times, the modem is in ${current ?? 'an unknown mode'}`]);
    return askingPerson(fault, nowMs + lookAgainMs.person, told);
  }
  if (nowMs < memory.holdUntilMs) return waiting('backing-off', memory.holdUntilMs, told);
  const hangUp = isUp && current !== null ? [hangUpStep({ model, mode: current }, 'profile-changed')] : [];
  const write: Step = { kind: 'write-data-mode', mode, cutsLink: true, changesDialling: true };
  const reset: Step = { kind: 'reset-modem', because: 'mode-switch', cutsLink: true, changesDialling: false };
  const [first = write, ...rest] = [...hangUp, write, ...(model.dataModes.appliedBy === 'reset' ? [reset] : [])];
  return acting(isUp ? 'connected' : 'registered', [first, ...rest], told);
}

/** Is the modem in the data mode that the rule is dialled in? If not it is switched, within a budget. */
export const modeStage: Stage = (situation) => {
  const { observed, model, target, nowMs } = situation;
  const rule = target && matchingRule(target, observed);
  if (!rule || !model) return null;
  const answer = modeAnswer(situation, model, rule);
  // One answer that got lost says nothing of the mode: it is asked again, and nothing is concluded meanwhile.
  if (!answer.ok && answer.code === 'mode.unread') return waiting('registered', nowMs + lookAgainMs.soon, { rule });
  if (!answer.ok) return askingPerson(faultOf(answer.code, answer.evidence), nowMs + lookAgainMs.person, { rule });
  if (!answer.switches) return null;
  return switching({ ...situation, model, rule, mode: answer.mode, reason: answer.reason }, observed.bearer?.active ?? false);
};
