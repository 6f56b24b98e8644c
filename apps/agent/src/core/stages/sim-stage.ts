import { decidePin, type Sim } from '@towline/modem';
import { acting, askingPerson, type Decision, faultOf, type Situation, type Stage, waiting } from '../decision.ts';
import { lookAgainMs } from '../intervals.ts';
import { simReset } from '../ladder.ts';
import { pinForSim } from '../resolve.ts';

/** A SIM may be busy for a minute after power-up (CME 14); longer is worth saying. */
const busyBoundMs = 60_000;

/**
 * A card gets power only when its slot is chosen: what is said of it before it can be ready says nothing. An agent that begins where a slot is
 * changed does not know when it was.
 */
function isPoweringUp({ model, simSlot, memory: { slotWrittenMs, simUnreadySinceMs }, nowMs }: Situation): boolean {
  const sinceMs = slotWrittenMs ?? (simSlot === null ? null : (simUnreadySinceMs ?? nowMs));
  return sinceMs !== null && model !== null && nowMs - sinceMs < model.bounds.simReady * 1_000;
}

function missingSim(situation: Situation, sim: Sim): Decision {
  const { observed, model, memory, nowMs } = situation;
  if (isPoweringUp(situation)) return waiting('radio-on', nowMs + lookAgainMs.soon);
  const worthAReset = sim.state === 'failed' || (model?.quirks.includes('sim-missing-needs-one-reset') ?? false);
  const reset = worthAReset && !memory.simReset ? simReset(memory.ladder, nowMs) : null;
  if (reset) return acting('radio-on', [reset]);
  const code = sim.state === 'absent' ? 'sim.absent' : 'sim.failure';
  return askingPerson(faultOf(code, observed.failure?.evidence), nowMs + lookAgainMs.person);
}

/** Unlocks by the rules of `decidePin`; every doubt goes to a person. */
function lockedSim({ observed, target, pinTries, nowMs, pinHash }: Situation, sim: Sim): Decision | null {
  const pin = target && pinForSim(target, observed);
  const hash = pin === null ? null : pinHash(pin);
  const verdict = decidePin(sim, hash, pinTries);
  switch (verdict.kind) {
    case 'not-needed':
      return null;
    case 'journal-first':
      return acting('radio-on', [{ kind: 'journal-pin', entry: verdict.entry, cutsLink: false, changesDialling: false }]);
    case 'send': {
      const pair = { iccid: sim.iccid ?? '', pinHash: hash ?? '' };
      return acting('radio-on', [{ kind: 'enter-pin', ...pair, cutsLink: false, changesDialling: false }]);
    }
    case 'needs-person': {
      const evidence = [`SIM ${sim.iccid ?? 'without a readable ICCID'}, tries left: ${sim.pinTriesLeft ?? 'unknown'}`];
      return askingPerson(faultOf(verdict.code, evidence), nowMs + lookAgainMs.person);
    }
  }
}

/** Is the SIM ready? */
export const simStage: Stage = (situation) => {
  const { observed, memory, nowMs } = situation;
  const { sim } = observed;
  if (!sim)
    return waiting('radio-on', nowMs + lookAgainMs.absent, {
      fault: observed.failure && faultOf(observed.failure.code, observed.failure.evidence),
    });
  switch (sim.state) {
    case 'ready':
      return null;
    case 'busy': {
      const overdue = memory.simUnreadySinceMs !== null && nowMs - memory.simUnreadySinceMs > busyBoundMs;
      return waiting('radio-on', nowMs + lookAgainMs.soon, { fault: overdue ? faultOf('sim.busy') : null });
    }
    case 'pin-required':
    case 'puk-required':
      return lockedSim(situation, sim);
    default:
      return missingSim(situation, sim);
  }
};
