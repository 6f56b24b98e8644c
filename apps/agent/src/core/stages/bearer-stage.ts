import type { DataMode, Model } from '@towline/modem';
import { type ConnectionProfile, canonicalJson } from '@towline/protocol';
import { acting, askingPerson, type Decision, faultOf, type Stage, waiting } from '../decision.ts';
import { planWithdrawal } from '../host-network/plan-host-network.ts';
import { lookAgainMs } from '../intervals.ts';
import { isRungDue } from '../ladder.ts';
import type { Step } from '../step.ts';
import { hangUpStep } from './hang-up-step.ts';
import { currentMode, type Ready, readyOf, toldOf, unsettledMs } from './ready.ts';
import { rungFor } from './rung-for.ts';

/** Two writes that did not stick are enough: more would only wear the modem's memory. */
const maxContextWrites = 2;

/** Names what is dialled with, so that a changed password is seen too, although no modem reads one back. */
export function fingerprintOf(profile: ConnectionProfile, mode: DataMode, digest: (text: string) => string): string {
  const { apn, ipType, auth, username, password } = profile;
  return digest(canonicalJson({ apn, ipType, auth, username, password, mode }));
}

/** Whether what was dialled last is known to be something else. */
function isDialledOtherwise({ memory: { dialled }, rule, mode, digest }: Ready): boolean {
  return dialled !== null && dialled !== fingerprintOf(rule.profile, mode, digest);
}

const sameApn = (left: string, right: string) => left.toLowerCase() === right.toLowerCase();

function isContextAsWanted({ observed, rule }: Ready): boolean {
  const { context } = observed;
  if (!context || !sameApn(context.apn, rule.profile.apn)) return false;
  return context.ipType === null || context.ipType === rule.profile.ipType;
}

function writeContext({ model, rule }: Ready, changesDialling: boolean): Step {
  const { apn, ipType, auth } = rule.profile;
  return { kind: 'write-context', contextId: model.attachContext, apn, ipType, auth, cutsLink: false, changesDialling };
}

/** The attach context only counts from the next attach, so the radio goes off and on once it was written (ROOter does the same). */
const cycleRadio: Step = { kind: 'cycle-radio', because: 'context-written', cutsLink: true, changesDialling: false };

/** Models that cannot tell addresses are taken at their word that the bearer is active. */
function tellsAddresses({ dialects }: Model): boolean {
  return dialects.bearer.includes('cgcontrdp') || dialects.bearer.includes('cgpaddr');
}

/** Null: what the network gave is as wanted. */
function judgeBearer(ready: Ready): Decision | null {
  const { observed, model, rule, memory, nowMs } = ready;
  const told = toldOf(ready);
  const { apn, addresses } = observed.bearer ?? { apn: null, addresses: [] };
  if (apn !== null && !sameApn(apn, rule.profile.apn)) {
    // A process that ended between the write of the context and the radio going off left the modem attached with what was there before.
    const isDoubtful = memory.dialled !== null && !memory.attachedAnew;
    if (isDoubtful) return acting('connected', [hangUpStep(ready, 'attached-before'), cycleRadio], told);
    const fault = faultOf('apn.substituted', [`asked for ${rule.profile.apn}, the network gave ${apn}`]);
    // The bearer stays up: it may be the only way back to this device, and dialling the same again gives the same again.
    return waiting('connected', nowMs + lookAgainMs.verified, { ...told, fault });
  }
  if (addresses.length === 0 && tellsAddresses(model)) {
    if (unsettledMs(ready) < model.bounds.address * 1_000) return waiting('connected', nowMs + lookAgainMs.soon, told);
    return acting('connected', [hangUpStep(ready, 'no-address')], { ...told, fault: faultOf('bearer.no-address') });
  }
  return null;
}

function changeContext(ready: Ready, isUp: boolean): Decision {
  const { rule, memory, nowMs, observed } = ready;
  if (memory.contextWrites >= maxContextWrites) {
    const fault = faultOf('apn.not-kept', [`wrote ${rule.profile.apn}, the modem has ${observed.context?.apn ?? 'nothing'}`]);
    return askingPerson(fault, nowMs + lookAgainMs.person, toldOf(ready));
  }
  const write = writeContext(ready, true);
  if (!isUp) return acting('registered', [write, cycleRadio], toldOf(ready));
  return acting('connected', [hangUpStep(ready, 'profile-changed'), write, cycleRadio], toldOf(ready));
}

function dial(ready: Ready): Decision {
  const { model, rule, mode, memory, nowMs } = ready;
  const told = toldOf(ready);
  const leftovers = withdrawal(ready);
  if (leftovers) return acting('registered', [leftovers], told);
  if (nowMs < memory.holdUntilMs) return waiting('backing-off', memory.holdUntilMs, told);
  if (!isContextAsWanted(ready)) return changeContext(ready, false);
  const rung = memory.trouble && isRungDue(memory) ? rungFor(ready, memory.trouble.code) : null;
  if (rung) return acting('registered', [rung], told);
  const start: Step = {
    kind: 'dial',
    contextId: model.attachContext,
    mode,
    apn: rule.profile.apn,
    cutsLink: false,
    changesDialling: isDialledOtherwise(ready),
  };
  // The write reads and compares first: it only touches the modem where the authentication is not what was written before.
  return acting('registered', [writeContext(ready, false), start], told);
}

const servesDhcp: readonly (DataMode | null)[] = ['ecm', 'rndis', 'ncm'];

/** Takes a bearer that went down out of the host's network, where anything of it is left. */
function withdrawal({ observed, host }: Ready): Step | null {
  const real = observed.host;
  const isLeft = real?.routes.some(({ kind }) => kind === 'unicast') || (real?.resolvers.length ?? 0) > 0;
  if (!host || !real || !isLeft) return null;
  const changes = planWithdrawal(host.slot, real, servesDhcp.includes(currentMode(observed)) ? [4] : [4, 6]);
  return { kind: 'configure-host', changes, cutsLink: false, changesDialling: false };
}

/** Is the bearer up, and is it the one that the target wants? */
export const bearerStage: Stage = (situation) => {
  const ready = readyOf(situation);
  if (!ready) return null;
  if (!ready.observed.bearer?.active) return dial(ready);
  if (!isContextAsWanted(ready)) return changeContext(ready, true);
  return isDialledOtherwise(ready) ? acting('connected', [hangUpStep(ready, 'profile-changed')], toldOf(ready)) : judgeBearer(ready);
};
