import { type Decision, type Fault, faultOf, type Situation, type Stage, waiting } from './decision.ts';
import { lookAgainMs } from './intervals.ts';
import type { Trouble } from './memory.ts';
import { reactions } from './reactions.ts';
import { bearerStage } from './stages/bearer-stage.ts';
import { driverStage } from './stages/driver-stage.ts';
import { ipStage, probeStage } from './stages/host-stages.ts';
import { modeStage } from './stages/mode-stage.ts';
import { completeLookStage, identityStage, portStage, radioStage } from './stages/modem-stages.ts';
import { registrationStage, roamingStage, ruleStage } from './stages/network-stages.ts';
import { radioLimitsStage } from './stages/radio-limits-stage.ts';
import { simSlotStage } from './stages/sim-slot-stage.ts';
import { simStage } from './stages/sim-stage.ts';

/** The connection machine, in the order in which a modem comes up. */
const stages: readonly Stage[] = [
  driverStage,
  portStage,
  identityStage,
  radioStage,
  simSlotStage,
  simStage,
  completeLookStage,
  radioLimitsStage,
  registrationStage,
  ruleStage,
  roamingStage,
  modeStage,
  bearerStage,
  ipStage,
  probeStage,
];

const troubleFault = ({ code, evidence }: Trouble): Fault => faultOf(code, evidence);

/** Nothing is tried again before its time, whichever stage wants it; and an open trouble is told until the link is verified. */
function withPatience(decision: Decision, { memory: { trouble }, nowMs }: Situation): Decision {
  if (!trouble || decision.connection === 'verified') return decision;
  const fault = decision.fault ?? troubleFault(trouble);
  if (decision.next.kind !== 'steps' || nowMs >= trouble.notBeforeMs) return { ...decision, fault };
  const connection = reactions[trouble.code].reaction === 'needs-person' ? 'needs-person' : 'backing-off';
  return { ...decision, fault, connection, next: { kind: 'wait', untilMs: trouble.notBeforeMs } };
}

/**
 * What to do next with one modem. Pure: the same situation gives the same decision. It ends in steps, or in a moment to look again
 * at the latest; a notice of the modem, another target or a job wakes the loop before.
 */
export function plan(situation: Situation): Decision {
  for (const stage of stages) {
    const decision = stage(situation);
    if (decision) return withPatience(decision, situation);
  }
  return waiting('at-ready', situation.nowMs + lookAgainMs.absent);
}
