import type { DataMode, Model } from '@towline/modem';
import type { TargetRule } from '@towline/protocol';
import type { Situation } from '../decision.ts';
import { dialMode, type ModeAnswer } from '../dial-mode.ts';
import { matchingRule } from '../resolve.ts';

/** A situation in which all that came before the bearer is settled. */
export interface Ready extends Situation {
  readonly model: Model;
  readonly rule: TargetRule;
  readonly mode: DataMode;
}

/** The mode that this situation's rule is dialled in. */
export function modeAnswer(situation: Situation, model: Model, rule: TargetRule): ModeAnswer {
  const { observed, hasPppPort, hasControlPort } = situation;
  return dialMode({ wanted: rule.profile.dataMode, current: observed.dataMode, model, hasPppPort, hasControlPort });
}

/** Null where no rule holds or its mode cannot be dialled: stages before have said so. */
export function readyOf(situation: Situation): Ready | null {
  const { target, observed, model } = situation;
  const rule = target && matchingRule(target, observed);
  if (!rule || !model) return null;
  const answer = modeAnswer(situation, model, rule);
  return answer.ok ? { ...situation, model, rule, mode: answer.mode } : null;
}
