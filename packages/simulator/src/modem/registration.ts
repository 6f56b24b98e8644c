import type { Rat } from '@towline/modem';
import { activateBearer, isRegistered, releaseBearer } from './bearers.ts';
import { type ModemState, type RegistrationReport, type RegistrationStatus, withRunning } from './modem-state.ts';
import { cellOf } from './radio.ts';
import { mayUse } from './radio-limits.ts';
import { type Effect, followedBy, type Step } from './step.ts';
import type { World } from './world.ts';

/** Whether a card is there and unlocked. */
export function isSimReady(state: ModemState, world: World): boolean {
  return world.sim() !== null && state.running.pin === 'verified' && !world.behaviours.find('sim-busy');
}

/** The best technology that both sides have and the modem's settings allow, in the modem's order of preference. */
function commonRat({ stored }: ModemState, world: World): Rat | null {
  return world.character.rats.find((rat) => world.network.rats.includes(rat) && mayUse(world, stored.settings, rat)) ?? null;
}

/** The status that the modem ought to have now. */
function dueStatus(state: ModemState, world: World, nowMs: number): RegistrationStatus {
  const { running } = state;
  const sim = world.sim();
  if (running.functionality !== 1 || running.selection === 'deregistered' || !sim || !isSimReady(state, world)) return 0;
  if (world.behaviours.find('denies-registration')) return 3;
  if (commonRat(state, world) === null) return 2;
  if (nowMs < running.searchingSinceMs + world.character.registerMs) return 2;
  const admission = world.network.admit(sim.imsi);
  if (admission === 'denied') return 3;
  if (admission === 'no-service') return 2;
  return admission === 'home' ? 1 : 5;
}

/** AcT of TS 27.007 clause 7.3; BG96 tells Cat-M1 as 8 (seen in a log: `+COPS: 0,2,"310410",8`). */
export const accessTechnology: Readonly<Record<Rat, number>> = {
  gsm: 0,
  umts: 2,
  lte: 7,
  'lte-m': 8,
  'nb-iot': 9,
  'nr-nsa': 13,
  'nr-sa': 11,
};

/** Status of one report: a domain that the technology does not have is 0, a data-only subscription is denied calls. */
export function reportedStatus(state: ModemState, world: World, report: RegistrationReport): RegistrationStatus {
  const { registration, rat } = state.running;
  if (report === '+CREG') return isRegistered(state) && !world.network.hasVoice(world.sim()?.imsi ?? '') ? 3 : registration;
  if (report === '+C5GREG') return rat === 'nr-sa' || !isRegistered(state) ? registration : 0;
  if (report === '+CEREG') return rat === 'nr-sa' || rat === 'gsm' || rat === 'umts' ? 0 : registration;
  if (rat === 'lte-m' || rat === 'nb-iot' || rat === 'nr-sa') return isRegistered(state) ? 0 : registration;
  return registration;
}

/** `stat[,"area","cell",AcT]`, the tail of a registration report in its format 1 or 2. */
export function registrationFields(state: ModemState, world: World, report: RegistrationReport): string {
  const status = reportedStatus(state, world, report);
  const { rat } = state.running;
  if (state.running.reporting[report] < 2 || rat === null || (status !== 1 && status !== 5)) return `${status}`;
  const cell = cellOf(world.seed, rat);
  return `${status},"${cell.area}","${cell.id}",${accessTechnology[rat]}`;
}

function registrationLines(before: ModemState, after: ModemState, world: World): readonly Effect[] {
  const effects: Effect[] = [];
  for (const report of world.character.registrationReports) {
    if (after.running.reporting[report] === 0) continue;
    if (reportedStatus(before, world, report) === reportedStatus(after, world, report)) continue;
    effects.push({ kind: 'unsolicited', line: `${report}: ${registrationFields(after, world, report)}` });
  }
  return effects;
}

/** LTE and 5G give a bearer with the registration: context 1, and what dials by itself. */
function attach(state: ModemState, world: World): Step {
  const { character } = world;
  const first = activateBearer(state, world, 1);
  if (!first.ok && world.network.attachNeedsBearer) return { state: withRunning(first.state, { registration: 2, rat: null }), effects: [] };
  const contextId = first.state.stored.autoDial ?? (character.dialsByItself.includes(first.state.running.dataMode) ? 1 : null);
  if (contextId === null) return { state: first.state, effects: [] };
  const call = activateBearer(first.state, world, contextId);
  if (!call.ok) return { state: call.state, effects: [] };
  const line = character.networkCallUp(contextId);
  return {
    state: withRunning(call.state, { networkCall: contextId }),
    effects: line ? [{ kind: 'unsolicited', line }] : [],
  };
}

function enter(state: ModemState, world: World, status: RegistrationStatus): Step {
  const served = status === 1 || status === 5;
  const next = withRunning(state, { registration: status, rat: served ? commonRat(state, world) : null });
  if (!served) return releaseBearer(next, world, { contextId: null, cause: status === 3 ? 3 : 38 });
  if (isRegistered(state)) return { state: next, effects: [] };
  const attached = withRunning(next, { packetAttached: true });
  return attach(attached, world);
}

/** Brings the registration to what it ought to be now, and says when to look again. */
export function settleRegistration(state: ModemState, world: World): Step {
  // Read once: a timer may come a little early, and who was too early by one reading and in time by the next would never look again.
  const nowMs = world.nowMs();
  const status = dueStatus(state, world, nowMs);
  const waitMs = state.running.searchingSinceMs + world.character.registerMs - nowMs;
  const look: readonly Effect[] = status === 2 && waitMs > 0 ? [{ kind: 'look-for-network', afterMs: waitMs }] : [];
  if (status === state.running.registration) return { state, effects: look };
  return followedBy(enter(state, world, status), (next) => ({
    state: next,
    effects: [...registrationLines(state, next, world), ...look],
  }));
}

/** Starts a search anew: the radio came on, the SIM became ready. */
export function startSearch(state: ModemState, world: World): Step {
  return settleRegistration(withRunning(state, { searchingSinceMs: world.nowMs() }), world);
}
