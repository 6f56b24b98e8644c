import type { ModemState, TargetStatus, TargetVersion } from '@towline/protocol';
import type { Decision } from './decision.ts';
import type { ObservedModem } from './observed.ts';
import { isLasting } from './reactions.ts';
import type { ChangePhase } from './transaction/intention.ts';
import type { RetryPause } from './transaction/retry-pause.ts';
import type { Refusal } from './transaction/transaction.ts';

const cut = (text: string, length = 80) => text.slice(0, length);
const cutOrNull = (text: string | null, length = 80) => (text === null ? null : cut(text, length));

function bearerState({ bearer, context }: ObservedModem, { mode }: Decision): ModemState['bearer'] {
  if (!bearer?.active) return null;
  return {
    requestedApn: cutOrNull(context?.apn ?? null),
    apn: cutOrNull(bearer.apn, 120),
    ipType: context?.ipType ?? null,
    dataMode: mode,
    addresses: bearer.addresses.slice(0, 8).map((address) => cut(address)),
  };
}

/** How far a modem is with the change that its target asks of it. */
export interface ChangeView {
  readonly phase: ChangePhase;
  /** Why it is not what the target wants, or is about not to be. */
  readonly refusal: Refusal | null;
  /** Of the target that this was judged by; null: none was held. */
  readonly version: TargetVersion | null;
  /** The change that is open, if there is one. */
  readonly open: TargetStatus['change'];
  /** What the next try of a change without a verdict waits for; left out: there is none. */
  readonly pause?: RetryPause | undefined;
}

/** Why the modem is not where the target wants it: what is wrong now, else why the change to it was given up. */
function faultState({ fault }: Decision, { refusal }: ChangeView): ModemState['fault'] {
  const told = fault ?? refusal;
  return told && { code: told.code, evidence: told.evidence.slice(-16) };
}

/** Told only where rules see something else than the registration says: a report is paid for by the octet. */
function roamingState({ steadyRoaming = null, registration }: ObservedModem): Pick<ModemState, 'roaming'> {
  const isTold = steadyRoaming !== null && steadyRoaming !== (registration?.state === 'roaming');
  return isTold ? { roaming: steadyRoaming } : {};
}

/** What is reported of one modem. */
export function modemState(observed: ObservedModem, decision: Decision, change: ChangeView): ModemState {
  const { identity, sim, registration } = observed;
  return {
    id: observed.id,
    model: observed.model,
    product: cutOrNull(identity?.product ?? null),
    imei: cutOrNull(identity?.imei ?? null),
    firmware: cutOrNull(identity?.firmware ?? null),
    connection: decision.connection,
    sim: sim && {
      state: sim.state,
      iccid: sim.iccid,
      imsi: sim.imsi,
      homePlmn: sim.homePlmn,
      ...(sim.gid1 === undefined ? {} : { gid1: sim.gid1 }),
    },
    ...(observed.simSlot === null ? {} : { simSlot: observed.simSlot }),
    registration: registration && {
      state: registration.state,
      rat: registration.rat,
      servingPlmn: cutOrNull(registration.servingPlmn),
      operator: cutOrNull(registration.operator),
      area: cutOrNull(registration.area),
      cell: cutOrNull(registration.cell),
    },
    ...roamingState(observed),
    signal: observed.signal,
    bearer: bearerState(observed, decision),
    profileRef: decision.rule?.profileRef ?? null,
    rule: decision.rule?.name ?? null,
    modeReason: cutOrNull(decision.modeReason, 256),
    fault: faultState(decision, change),
  };
}

/** What makes a state worth sending before the next beat: neither signal, cell or abilities, nor the wording of evidence. */
export function stateKey(modems: readonly ModemState[], target: TargetStatus | null): string {
  const telling = modems.map(({ signal: _signal, abilities: _abilities, registration, fault, ...rest }) => ({
    ...rest,
    registration: registration && { state: registration.state, rat: registration.rat, servingPlmn: registration.servingPlmn },
    fault: fault?.code ?? null,
  }));
  // Made in one place, so that the order of its keys is always the same: compared only, at each look several times.
  return JSON.stringify({ telling, target: target && { ...target, fault: target.fault?.code ?? null } });
}

/** What the status of the target follows from. */
interface Progress {
  readonly decision: Decision;
  readonly change: ChangeView;
}

export interface StatusQuestion {
  readonly progress: readonly Progress[];
  readonly version: TargetVersion | null;
  readonly before: TargetStatus['status'];
  /** The target has been held for longer than any modem may need to be found out about. */
  readonly isOverdue: boolean;
}

/** What is told of the target beside its status: why it is not applied, and the change under way or waiting for its next try. */
export function targetDetail(
  progress: readonly Progress[],
  status: TargetStatus['status'],
): Pick<TargetStatus, 'fault' | 'change' | 'pause'> {
  const faults = progress.flatMap(({ decision, change }) => faultState(decision, change) ?? []);
  const refusals = progress.flatMap(({ change: { refusal } }) => refusal ?? []);
  const [told = null] = [...refusals, ...faults];
  const fault = told && { code: told.code, evidence: told.evidence.slice(-16) };
  const [change = null] = progress.flatMap(({ change: { open } }) => open ?? []);
  const [pause] = progress.flatMap(({ change: { pause: waits } }) => waits ?? []);
  return { fault: status === 'applied' ? null : fault, change, ...(pause ? { pause } : {}) };
}

const isOf = (version: TargetVersion | null, { change }: Progress) =>
  change.version?.epoch === version?.epoch && change.version?.number === version?.number;

/**
 * How far the device is with its target. Applied means that every modem holds what was confirmed, and it stays so while a link merely comes and
 * goes: that is the connection's story. A fault that no retry mends makes it failed, and so does a modem of which nobody can tell in time what
 * the target wants of it; a change that was given up and whose way back is up again makes it reverted.
 */
export function targetStatus({ progress, version, before, isOverdue }: StatusQuestion): TargetStatus['status'] {
  // A look that was begun under the target before says nothing of this one.
  if (progress.some((one) => !isOf(version, one))) return before;
  const isIn = (phase: ChangePhase) => progress.some(({ change }) => change.phase === phase);
  const isUp = ({ decision }: Progress) => decision.connection === 'verified';
  if (isIn('refused')) return 'failed';
  if (isIn('given-up')) return progress.filter(({ change }) => change.phase === 'given-up').every(isUp) ? 'reverted' : 'failed';
  if (isIn('under-way')) return 'applying';
  if (progress.some(({ decision: { fault } }) => fault !== null && isLasting(fault.code))) return 'failed';
  if (before === 'applied' || (progress.length > 0 && progress.every(isUp) && !isIn('unknown'))) return 'applied';
  return isOverdue && isIn('unknown') ? 'failed' : 'applying';
}
