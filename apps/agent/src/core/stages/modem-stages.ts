import { acting, askingPerson, type Decision, type Fault, faultOf, type Situation, type Stage, waiting } from '../decision.ts';
import { lookAgainMs } from '../intervals.ts';
import { nextRung } from '../ladder.ts';
import { isInTime } from '../memory.ts';
import type { UsbSight } from '../observed.ts';
import { climbOf, silentPort } from '../rung.ts';
import type { Step } from '../step.ts';
import { rungFor } from './rung-for.ts';

const silentLooksBeforeReopening = 3;
const reopenPort: Step = { kind: 'reopen-port', cutsLink: false, changesDialling: false };
const radioOn: Step = { kind: 'radio-on', cutsLink: false, changesDialling: false };

/** Why a modem that is plugged in cannot answer. */
function obstacleOf({ path, vidPid, role, product, unbound, needsNewId }: UsbSight): Fault | null {
  const what = `${product} (${vidPid}) at USB ${path}`;
  if (role === 'boot') return faultOf('modem.in-boot-mode', [`${what} waits for firmware`]);
  if (unbound.length === 0) return null;
  const missing = unbound.map(({ number, driver }) => `interface ${number} waits for the driver ${driver}`);
  return faultOf('host.driver-missing', [what, ...missing, ...(needsNewId ? [`the kernel does not list ${vidPid}`] : [])]);
}

/** Once: a composition that has not changed by then is not changed by a second write. */
function rescue({ controlPath, over }: NonNullable<UsbSight['lostAtPort']>, { memory, host, recovery, nowMs }: Situation): Decision {
  const fault = faultOf('modem.at-port-lost', [`its control port ${controlPath} is all that it shows`]);
  if (!host || memory.atRescues > 0 || recovery.carriesSession) return waiting('absent', nowMs + lookAgainMs.absent, { fault });
  return acting('absent', [{ kind: 'restore-at-port', controlPath, over, cutsLink: true, changesDialling: false }], { fault });
}

/** Is there a modem that answers? A port that stays silent is opened anew: the tty may belong to a device that has gone. */
export const portStage: Stage = (situation) => {
  const { observed, memory, model, recovery, nowMs } = situation;
  if (observed.answering) return null;
  if (memory.away && isInTime(memory.away, nowMs)) return waiting('absent', nowMs + lookAgainMs.soon);
  if (memory.away?.mode) return waiting('absent', nowMs + lookAgainMs.absent, { fault: faultOf('mode.switch-lost') });
  const lost = observed.usb?.lostAtPort;
  if (lost) return rescue(lost, situation);
  const obstacle = observed.usb && obstacleOf(observed.usb);
  if (obstacle) return waiting('absent', nowMs + lookAgainMs.absent, { fault: obstacle });
  const silent = observed.failure?.code === 'at.timeout';
  if (silent && memory.silentLooks > 0 && memory.silentLooks % silentLooksBeforeReopening === 0) return acting('absent', [reopenPort]);
  const fault = faultOf(silent ? 'at.timeout' : 'modem.absent', observed.failure?.evidence);
  if (memory.silentLooks >= silentPort.afterTries) {
    const rung = nextRung({ ladder: memory.ladder, climb: silentPort, code: fault.code, model, means: recovery, nowMs });
    if (rung) return acting('absent', [rung], { fault });
  }
  return waiting('absent', nowMs + lookAgainMs.absent, { fault });
};

/** Which modem is it? */
export const identityStage: Stage = ({ observed, model, nowMs }) => {
  if (observed.identity && model) return null;
  const fault = observed.failure && faultOf(observed.failure.code, observed.failure.evidence);
  return waiting('at-ready', nowMs + lookAgainMs.absent, { fault });
};

/** Is its radio on? */
export const radioStage: Stage = ({ observed, nowMs }) => {
  if (observed.radio === 'on') return null;
  if (observed.radio === 'off') return acting('identified', [radioOn]);
  const fault = observed.failure && faultOf(observed.failure.code, observed.failure.evidence);
  return waiting('identified', nowMs + lookAgainMs.absent, { fault });
};

/** A look that broke off later on: what follows would be guesswork. */
export const completeLookStage: Stage = (situation) => {
  const { observed, memory, nowMs } = situation;
  if (!observed.failure) return null;
  const { code } = observed.failure;
  const fault = faultOf(observed.failure.code, observed.failure.evidence);
  if (observed.failure.code === 'value.refused') return askingPerson(fault, nowMs + lookAgainMs.person);
  const connection = observed.sim?.state === 'ready' ? 'sim-ready' : 'radio-on';
  const rung = memory.brokenLooks >= climbOf(code).afterTries ? rungFor(situation, code) : null;
  if (rung) return acting(connection, [rung], { fault });
  return waiting(connection, nowMs + lookAgainMs.absent, { fault });
};
