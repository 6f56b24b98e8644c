import type { RolloutSettings } from '@towline/protocol/http';
import { isBad } from '../rollout-states.ts';
import type { Move, Opening, StandingCode } from './decision.ts';
import type { Candidate, Flight, RolloutView, SharedFate } from './view.ts';

const fates = ['site', 'carrier', 'cell', 'model'] as const;
type Fate = (typeof fates)[number];

interface Room {
  left: number;
  readonly taken: Record<Fate, Map<string, number>>;
  readonly most: Record<Fate, number>;
}

function roomOf(flight: Flight, { caps }: RolloutSettings, limit: number): Room {
  const copy = (counts: ReadonlyMap<string, number>) => new Map(counts);
  const { site, carrier, cell, model } = flight;
  return {
    left: Math.max(0, Math.min(limit, caps.inFlight - flight.rollout)),
    taken: { site: copy(site), carrier: copy(carrier), cell: copy(cell), model: copy(model) },
    most: {
      site: caps.perSite ?? Number.POSITIVE_INFINITY,
      carrier: caps.perCarrier ?? Number.POSITIVE_INFINITY,
      cell: caps.perCell ?? Number.POSITIVE_INFINITY,
      model: caps.perModel ?? Number.POSITIVE_INFINITY,
    },
  };
}

function takes(room: Room, fate: SharedFate): boolean {
  if (room.left <= 0) return false;
  const shared = fates.flatMap((kind) => (fate[kind] === null ? [] : [{ kind, name: fate[kind] }]));
  if (shared.some(({ kind, name }) => (room.taken[kind].get(name) ?? 0) >= room.most[kind])) return false;
  for (const { kind, name } of shared) room.taken[kind].set(name, (room.taken[kind].get(name) ?? 0) + 1);
  room.left -= 1;
  return true;
}

/** Why a device cannot be opened whatever room there is. */
function hindrance({ onHold, preceded, online }: Candidate, writeAhead: boolean): StandingCode | null {
  if (onHold) return 'site.on-hold';
  if (preceded) return 'rollout.precedence';
  return online || writeAhead ? null : 'device.offline';
}

function park({ device, wave, state }: Candidate, code: StandingCode): Move {
  const still = { watched: false, withhold: false, heldAtMs: null, dueAtMs: null, nextTryAtMs: null };
  return { device, wave, from: state, to: 'waiting', code, ...still };
}

/** What never reached the device was no try of it. */
const nextAttempt = ({ attempt, state }: Candidate): number => (attempt === 0 || isBad(state) ? attempt + 1 : attempt);

type Choosing = Pick<RolloutView, 'candidates' | 'flight' | 'settings' | 'writeAhead' | 'stepLimit'>;

export interface Choice {
  readonly openings: readonly Opening[];
  /** Pending devices that cannot be had now. */
  readonly parked: readonly Move[];
}

/** Who is opened now: in the order in which they come, as far as the caps leave room. A device that only has no room keeps its place. */
export function chooseNext({ candidates, flight, settings, writeAhead, stepLimit }: Choosing, limit: number): Choice {
  const room = roomOf(flight, settings, limit);
  const openings: Opening[] = [];
  const parked: Move[] = [];
  for (const candidate of candidates) {
    const code = hindrance(candidate, writeAhead);
    // A way back is not over before everybody was given theirs: there they stay pending.
    if (code && candidate.state === 'pending' && !writeAhead) parked.push(park(candidate, code));
    if (code || !candidate.windowOpen) continue;
    const ahead = !candidate.online;
    // Who is away takes no room: nothing happens to it until it returns.
    if (ahead ? candidate.state !== 'pending' : !takes(room, candidate.fate)) continue;
    const { device, wave, state, fate, forgiven } = candidate;
    openings.push({ device, wave, from: state, attempt: nextAttempt(candidate), fate, ahead, forgiven });
    if (openings.length >= stepLimit) break;
  }
  return { openings, parked };
}
