import { backoffDelayMs } from '@towline/kit';
import type { DataMode } from '@towline/modem';
import type { Lease } from './host-network/lease.ts';
import { noTraffic, type Probed } from './host-network/probe.ts';
import { climbed } from './ladder.ts';
import type { ObservedModem } from './observed.ts';
import { isLasting, reactions, retryPolicies, type TroubleCode } from './reactions.ts';
import { hostRungs, type Rung } from './rung.ts';
import type { HangUpReason, Step } from './step.ts';
import type { ModemPlace } from './usb/modem-place.ts';

/** What went wrong last, how often in a row, and from when on another try is due. Times are monotonic milliseconds. */
export interface Trouble {
  readonly code: TroubleCode;
  readonly evidence: readonly string[];
  readonly count: number;
  readonly notBeforeMs: number;
}

/** What has been spent of the recovery ladder since the link was last healthy. */
export interface Ladder {
  readonly spent: Readonly<Partial<Record<Rung, { readonly count: number; readonly lastMs: number }>>>;
  readonly lastRungMs: number | null;
}

/** A restart that was ordered: where the modem was then, and the data mode that it is to come back in, if that is to be another. */
export interface Restart {
  readonly sinceMs: number;
  readonly attachment: number | null;
  readonly mode: DataMode | null;
}

/** What the planner remembers of one modem between looks. Plain JSON; lives as long as the process. */
export interface ModemMemory {
  readonly trouble: Trouble | null;
  readonly ladder: Ladder;
  /** Looks in a row at which no modem answered. */
  readonly silentLooks: number;
  /** Looks in a row that a trouble of the climbing kind broke off, though the modem answers. */
  readonly brokenLooks: number;
  /** Since when the modem has been searching, the SIM been busy, the bearer been without an address. */
  readonly searchingSinceMs: number | null;
  readonly simUnreadySinceMs: number | null;
  readonly connectedSinceMs: number | null;
  readonly verifiedSinceMs: number | null;
  /** Since when the bearer has been up without being verified. */
  readonly unsettledSinceMs: number | null;
  /** One reset is spent on a SIM that seems missing or broken. */
  readonly simReset: boolean;
  /** Writes of the context whose read-back has not agreed since. */
  readonly contextWrites: number;
  /** The modem was told to attach anew since this process began: what it was attached with before may be of an older context. */
  readonly attachedAnew: boolean;
  /** Switches of the data mode that have not come into force since. */
  readonly modeSwitches: number;
  /** Writes of the radio technology, and of the bands, that have not come into force since. */
  readonly radioWrites: number;
  readonly bandWrites: number;
  /** Changes of the SIM slot that have not come into force since, and when the last was made; null: what came of it is verified. */
  readonly slotWrites: number;
  readonly slotWrittenMs: number | null;
  /** Since when the modem has been restarting; null: it is not. */
  readonly away: Restart | null;
  /** Since when an interface has been without its driver, and for which attachment drivers were loaded. */
  readonly unboundSinceMs: number | null;
  readonly boundAttachment: number | null;
  /** Which attachment to USB was seen last. */
  readonly attachment: number | null;
  /** Tries to give it back an AT port that its composition does not show. */
  readonly atRescues: number;
  /** Which modem all this is about; null while none has said. */
  readonly imei: string | null;
  /** Fingerprint of what was dialled last; null when the bearer was found up. */
  readonly dialled: string | null;
  /** What the bearer's DHCP server gave; null without one, or when it is over. */
  readonly lease: Lease | null;
  readonly probed: Probed | null;
  /** What was tried in vain on the host since the bearer came up. */
  readonly hostTries: number;
  /** Until then nothing is dialled: somebody ordered the line to be down. */
  readonly holdUntilMs: number;
}

export const freshMemory: ModemMemory = {
  trouble: null,
  ladder: { spent: {}, lastRungMs: null },
  silentLooks: 0,
  brokenLooks: 0,
  searchingSinceMs: null,
  simUnreadySinceMs: null,
  connectedSinceMs: null,
  verifiedSinceMs: null,
  unsettledSinceMs: null,
  simReset: false,
  contextWrites: 0,
  attachedAnew: false,
  modeSwitches: 0,
  radioWrites: 0,
  bandWrites: 0,
  slotWrites: 0,
  slotWrittenMs: null,
  away: null,
  unboundSinceMs: null,
  boundAttachment: null,
  attachment: null,
  atRescues: 0,
  imei: null,
  dialled: null,
  lease: null,
  probed: null,
  hostTries: 0,
  holdUntilMs: 0,
};

/** After so long without trouble the ladder is whole again. */
export const healthyMs = 10 * 60_000;

export interface StepOutcome {
  readonly step: Step;
  /** Null when it went well. */
  readonly failure: { readonly code: TroubleCode; readonly evidence: readonly string[] } | null;
  /** Fingerprint of the profile that the step applied. */
  readonly fingerprint: string | null;
  readonly nowMs: number;
  /** Which attachment to USB the modem had; null: it is not on USB. */
  readonly attachment?: number | null;
  /** A number in [0, 1) for the jitter of the next try. */
  readonly draw: number;
  /** What a step found out, beside how it ended. */
  readonly learned?: Learned;
}

export type Learned =
  | { readonly kind: 'lease'; readonly lease: Lease }
  | { readonly kind: 'probe'; readonly witnessed: boolean; readonly rxBytes: number | null };

/** Another modem in its place: nothing of what was tried counts for it. */
function sameModem(memory: ModemMemory, imei: string | null): ModemMemory {
  const isSame = memory.imei === null || memory.imei === imei;
  return { ...(isSame ? memory : { ...freshMemory, holdUntilMs: memory.holdUntilMs }), imei };
}

/**
 * Somebody plugged the modem in: what waited for a person may be mended, or was only the pulling of the plug, and is tried anew. What passes
 * by itself keeps its patience, for a modem that falls off the bus at every dial comes back like this too; so does what a restart of ours is
 * to mend.
 */
function pluggedIn(memory: ModemMemory, { usb }: ObservedModem): ModemMemory {
  if (!usb) return memory;
  const isAnother = memory.attachment !== null && usb.attachment !== memory.attachment;
  const isMoot = isAnother && memory.away === null && memory.trouble !== null && isLasting(memory.trouble.code);
  return { ...memory, attachment: usb.attachment, trouble: isMoot ? null : memory.trouble };
}

const standingLease = (lease: Lease | null, nowMs: number) => (lease && nowMs < lease.expiresAtMs ? lease : null);

/** A link that held so long is well, whatever was before; one that ends sooner was no success. */
const steadyMs = 60_000;

/** A look that is to be remembered. */
export interface Looked {
  readonly nowMs: number;
  /** The read-back agreed with the target. */
  readonly verified: boolean;
  /** What the modem or pppd said when a bearer ended by itself; null: nothing. */
  readonly dropped: { readonly code: TroubleCode; readonly evidence: readonly string[] } | null;
  /** A number in [0, 1) for the jitter of the next try. */
  readonly draw: number;
}

/** A bearer that was up, and that nobody took down, is down. The first redial after a steady time comes at once, others wait their turn. */
function withLoss(memory: ModemMemory, observed: ObservedModem, { nowMs, dropped, draw }: Looked): ModemMemory {
  const isLost = memory.connectedSinceMs !== null && observed.bearer?.active === false;
  if (!isLost) return memory;
  const failure = dropped ?? { code: 'bearer.no-carrier', evidence: [] };
  const wasSteady = memory.verifiedSinceMs !== null && nowMs - memory.verifiedSinceMs >= steadyMs;
  return wasSteady ? { ...memory, trouble: { ...failure, count: 1, notBeforeMs: nowMs } } : withTrouble(memory, failure, { nowMs, draw });
}

const isBroken = ({ answering, failure }: ObservedModem) => answering && failure !== null && reactions[failure.code].climbs;

/** What a look changes in the memory. */
export function rememberLook(past: ModemMemory, observed: ObservedModem, at: Looked): ModemMemory {
  const same = sameModem(pluggedIn(past, observed), observed.identity?.imei ?? past.imei);
  const memory = withLoss(same, observed, at);
  const since = (holds: boolean, before: number | null) => (holds ? (before ?? at.nowMs) : null);
  const state = observed.registration?.state;
  const searching = observed.sim?.state === 'ready' && state !== 'home' && state !== 'roaming' && state !== 'denied';
  const verifiedSinceMs = since(at.verified, memory.verifiedSinceMs);
  const healthy = verifiedSinceMs !== null && at.nowMs - verifiedSinceMs >= healthyMs;
  return {
    ...memory,
    trouble: verifiedSinceMs !== null && at.nowMs - verifiedSinceMs >= steadyMs ? null : memory.trouble,
    ladder: healthy ? freshMemory.ladder : memory.ladder,
    atRescues: observed.answering ? 0 : memory.atRescues,
    silentLooks: observed.answering ? 0 : memory.silentLooks + 1,
    brokenLooks: isBroken(observed) ? memory.brokenLooks + 1 : 0,
    searchingSinceMs: since(searching, memory.searchingSinceMs),
    simUnreadySinceMs: since(observed.sim !== null && observed.sim.state !== 'ready', memory.simUnreadySinceMs),
    connectedSinceMs: since(observed.bearer?.active ?? false, memory.connectedSinceMs),
    verifiedSinceMs,
    unsettledSinceMs: since((observed.bearer?.active ?? false) && !at.verified, memory.unsettledSinceMs),
    simReset: memory.simReset && observed.sim?.state !== 'ready',
    contextWrites: at.verified ? 0 : memory.contextWrites,
    lease: observed.bearer?.active ? standingLease(memory.lease, at.nowMs) : null,
    probed: observed.bearer?.active ? memory.probed : null,
    hostTries: at.verified ? 0 : memory.hostTries,
    modeSwitches: at.verified ? 0 : memory.modeSwitches,
    radioWrites: at.verified ? 0 : memory.radioWrites,
    bandWrites: at.verified ? 0 : memory.bandWrites,
    slotWrites: at.verified ? 0 : memory.slotWrites,
    slotWrittenMs: at.verified ? null : memory.slotWrittenMs,
    away: observed.identity ? null : memory.away,
    unboundSinceMs: since((observed.usb?.unbound.length ?? 0) > 0, memory.unboundSinceMs),
  };
}

type Failure = NonNullable<StepOutcome['failure']>;

function withTrouble(memory: ModemMemory, failure: Failure, { nowMs, draw }: Pick<StepOutcome, 'nowMs' | 'draw'>): ModemMemory {
  const { reaction } = reactions[failure.code];
  const before = memory.trouble && reactions[memory.trouble.code].reaction === reaction ? memory.trouble.count : 0;
  const count = before + 1;
  const policy = retryPolicies[reaction];
  const delayMs = failure.code === 'network.reactivation' && count === 1 ? 0 : backoffDelayMs(policy, count - 1, { next: () => draw });
  return { ...memory, trouble: { ...failure, count, notBeforeMs: nowMs + delayMs } };
}

/** Taking down a bearer that is good for nothing ends a failed dial, however well the hanging up went. */
const fruitless: Readonly<Partial<Record<HangUpReason, TroubleCode>>> = {
  'no-address': 'bearer.no-address',
  'no-dhcp': 'bearer.no-dhcp',
  'no-traffic': noTraffic,
};

function failureOf({ step, failure }: StepOutcome): StepOutcome['failure'] {
  const code = step.kind === 'hang-up' ? fruitless[step.because] : undefined;
  return failure ?? (code ? { code, evidence: [] } : null);
}

/** A lease that could not be renewed stands while it lasts (RFC 2131 clause 4.4.5): half of what is left until the next try. */
function renewLater(lease: Lease, nowMs: number): Lease {
  return { ...lease, renewAtMs: nowMs + Math.max(60_000, (lease.expiresAtMs - nowMs) / 2) };
}

function leased(memory: ModemMemory, next: ModemMemory, { learned, nowMs }: StepOutcome): ModemMemory {
  if (learned?.kind === 'lease') return { ...next, lease: learned.lease };
  if (memory.lease && memory.probed?.ok) return { ...memory, lease: renewLater(memory.lease, nowMs) };
  return { ...next, lease: null, hostTries: next.hostTries + 1 };
}

function probed(next: ModemMemory, bearer: string, { learned, nowMs, failure }: StepOutcome): ModemMemory {
  if (learned?.kind !== 'probe') return next;
  const ok = failure === null;
  const { witnessed, rxBytes } = learned;
  return { ...next, probed: { bearer, atMs: nowMs, ok, witnessed, rxBytes }, hostTries: next.hostTries + (ok ? 0 : 1) };
}

/** What is known of a bearer, when there is another one or none. */
const bearerless = { connectedSinceMs: null, unsettledSinceMs: null, lease: null, probed: null, hostTries: 0 };

/** What is known of a card, when there is another one. */
const otherCard = { ...bearerless, dialled: null, searchingSinceMs: null, simUnreadySinceMs: null, simReset: false };

/** From a switch of the data mode until the modem shows the new one: EC200T needed 30 s, so three times that. */
const switchBoundMs = 90_000;
/** From a reset until the modem leaves the bus; one that stays on it is spoken to again after that. */
const leaveBoundMs = 20_000;

/**
 * Whether a modem that was restarted may still be on its way. One answers for some seconds before it goes: who asked it then would order the
 * same once more, and hold ports whose names the kernel wants to give out again.
 */
export function isReturning({ away }: Pick<ModemMemory, 'away'>, place: ModemPlace, nowMs: number): boolean {
  if (!away || place.kind !== 'usb') return false;
  const { attachment, dataMode } = place.modem;
  if (away.mode !== null && dataMode !== away.mode) return nowMs - away.sinceMs <= switchBoundMs;
  return attachment === away.attachment && nowMs - away.sinceMs <= leaveBoundMs;
}

/** Whether a modem that is away is still within its time. */
export function isInTime({ sinceMs, mode }: Restart, nowMs: number): boolean {
  return nowMs - sinceMs <= (mode === null ? leaveBoundMs : switchBoundMs);
}

function restarted(memory: ModemMemory, { step, nowMs, attachment = null, failure }: StepOutcome): Restart | null {
  if (failure) return memory.away;
  const mode = step.kind === 'write-data-mode' ? step.mode : null;
  const switched = step.kind === 'reset-modem' && step.because === 'mode-switch' ? (memory.away?.mode ?? null) : mode;
  return { sinceMs: nowMs, attachment, mode: switched };
}

/** A rung of the host that could not be done leaves the trouble what it is: the modem's. */
const isHostRung = ({ kind }: Step) => hostRungs.some((rung) => rung === kind);

/** What a step that was tried changes in the memory. */
export function rememberStep(memory: ModemMemory, outcome: StepOutcome): ModemMemory {
  const { step, fingerprint, nowMs } = outcome;
  const failure = isHostRung(step) ? null : failureOf(outcome);
  const climbing = { ...memory, ladder: climbed(memory.ladder, step, nowMs) };
  const next = failure ? withTrouble(climbing, failure, outcome) : climbing;
  switch (step.kind) {
    case 'write-radio-access':
      return { ...next, radioWrites: next.radioWrites + 1, searchingSinceMs: null, connectedSinceMs: null };
    case 'write-sim-slot':
      return { ...next, ...otherCard, slotWrites: next.slotWrites + 1, slotWrittenMs: nowMs };
    case 'write-bands':
      return { ...next, bandWrites: next.bandWrites + 1, searchingSinceMs: null, connectedSinceMs: null };
    case 'write-data-mode':
      return { ...next, modeSwitches: next.modeSwitches + 1, away: restarted(memory, outcome) };
    case 'reset-modem':
      return {
        ...next,
        away: restarted(memory, outcome),
        attachedAnew: true,
        simReset: next.simReset || step.because !== 'mode-switch',
        searchingSinceMs: null,
        connectedSinceMs: null,
        dialled: null,
      };
    case 'restore-at-port':
      return { ...climbing, atRescues: climbing.atRescues + 1, away: restarted(memory, outcome) };
    case 'reset-usb':
    case 'reload-drivers':
      return { ...next, searchingSinceMs: null, connectedSinceMs: null, dialled: null };
    case 'cycle-power':
      return {
        ...next,
        attachedAnew: true,
        away: restarted(memory, outcome),
        searchingSinceMs: null,
        connectedSinceMs: null,
        dialled: null,
      };
    case 'reattach':
    case 'cycle-radio':
      return { ...next, attachedAnew: true, searchingSinceMs: null, connectedSinceMs: null };
    case 'write-context':
      return step.changesDialling ? { ...next, contextWrites: next.contextWrites + 1 } : next;
    case 'dial':
      return failure ? next : { ...next, ...bearerless, dialled: fingerprint, contextWrites: 0 };
    case 'hang-up':
      return { ...next, ...bearerless, dialled: null };
    case 'bind-drivers':
      return { ...next, boundAttachment: outcome.attachment ?? null };
    case 'lease-address':
      return leased(memory, next, outcome);
    case 'configure-host':
      return { ...next, hostTries: next.hostTries + (failure ? 1 : 0) };
    case 'probe-bearer':
      return probed(next, step.bearer, outcome);
    default:
      return next;
  }
}

/** What was written and did not come into force twice does not come into force. */
export const maxVainWrites = 2;

const noWrites = { contextWrites: 0, modeSwitches: 0, radioWrites: 0, bandWrites: 0, slotWrites: 0 };

/** Another target: every wait, every failed try and what was verified belonged to the old one. The ladder's budget is the modem's and stays. */
export function rememberTarget(memory: ModemMemory): ModemMemory {
  return { ...memory, trouble: null, verifiedSinceMs: null, ...noWrites };
}

/** A person wants the line up now. */
export function rememberDialOrder(memory: ModemMemory): ModemMemory {
  return { ...memory, trouble: null, ...noWrites, holdUntilMs: 0 };
}

/** A person wants the line down until `untilMs`. */
export function rememberHold(memory: ModemMemory, untilMs: number): ModemMemory {
  return { ...memory, holdUntilMs: untilMs };
}
