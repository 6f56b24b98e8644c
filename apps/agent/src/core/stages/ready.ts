import type { DataMode, Model } from '@towline/modem';
import type { TargetRule } from '@towline/protocol';
import type { Situation } from '../decision.ts';
import { dialMode, type ModeAnswer } from '../dial-mode.ts';
import type { ObservedModem } from '../observed.ts';
import { matchingRule } from '../resolve.ts';

/** A situation in which all that came before the bearer is settled. */
export interface Ready extends Situation {
  readonly model: Model;
  readonly rule: TargetRule;
  readonly mode: DataMode;
  /** Why this mode, where the rule leaves it open. */
  readonly reason: string | null;
}

/** The composition that the modem shows on USB; elsewhere, and where that cannot be told, what it says that it is set to. */
export function currentMode({ usb, dataMode }: ObservedModem): DataMode | null {
  return usb?.dataMode ?? dataMode;
}

/** The mode that this situation's rule is dialled in. */
export function modeAnswer(situation: Situation, model: Model, rule: TargetRule): ModeAnswer {
  const { observed, means } = situation;
  const { offeredModes: offered } = observed;
  return dialMode({ wanted: rule.profile.dataMode, current: currentMode(observed), offered, model, means });
}

/** Null where no rule holds or its mode cannot be dialled: stages before have said so. */
export function readyOf(situation: Situation): Ready | null {
  const { target, observed, model } = situation;
  const rule = target && matchingRule(target, observed);
  if (!rule || !model) return null;
  const answer = modeAnswer(situation, model, rule);
  if (!answer.ok || answer.switches) return null;
  return { ...situation, model, rule, mode: answer.mode, reason: answer.reason };
}

/** How long what comes by itself has been missing of a bearer that is up. One that was well gets as long as a new one. */
export function unsettledMs({ memory: { unsettledSinceMs }, nowMs }: Situation): number {
  return unsettledSinceMs === null ? 0 : nowMs - unsettledSinceMs;
}

/** What of it a decision tells. */
export const toldOf = ({ rule, mode, reason }: Ready) => ({ rule, mode, modeReason: reason });
