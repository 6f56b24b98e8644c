import { acting, askingPerson, faultOf, type Stage, waiting } from '../decision.ts';
import { lookAgainMs } from '../intervals.ts';
import { maxVainWrites } from '../memory.ts';
import { matchingRule } from '../resolve.ts';
import { afterHangUp } from './hang-up-step.ts';

/** Is the SIM of the right slot in use? Asked before anything of a SIM is. */
export const simSlotStage: Stage = (situation) => {
  const { observed, simSlot: slot, model, target, memory, nowMs } = situation;
  if (slot === null || !model?.simSlots || observed.simSlot === slot) return null;
  // One answer that got lost takes no link down; what is not up yet waits for the next.
  if (observed.simSlot === null) return memory.verifiedSinceMs === null ? waiting('radio-on', nowMs + lookAgainMs.soon) : null;
  if (memory.slotWrites >= maxVainWrites) {
    const fault = faultOf('sim-slot.not-kept', [`wrote SIM slot ${slot}, the modem uses ${observed.simSlot}`]);
    return askingPerson(fault, nowMs + lookAgainMs.person);
  }
  const rule = target && matchingRule(target, observed);
  const write = { kind: 'write-sim-slot', slot, cutsLink: true, changesDialling: true } as const;
  return acting('radio-on', afterHangUp(situation, { model, wanted: rule?.profile.dataMode ?? 'auto' }, write));
};
