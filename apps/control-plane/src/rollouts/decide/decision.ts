import type { RolloutDeviceState } from '@towline/protocol/http';
import type { RolloutAct } from '../rollout-states.ts';
import type { Credit, SharedFate } from './view.ts';

/** Why a device of a rollout stands where it stands, beside what the device itself says. */
export type StandingCode =
  | 'device.offline'
  | 'device.unreached'
  | 'site.on-hold'
  | 'rollout.precedence'
  | 'device.silent'
  | 'target.superseded'
  | 'database.restored';

/** Why a rollout stands where it stands, where no person says so. */
export type RolloutReason =
  | 'rollout.done'
  | 'rollout.ended'
  | 'rollout.below-success'
  | 'database.restored'
  | 'breaker.percent'
  | 'breaker.count'
  | 'wave.failures'
  | 'wave.below-success';

/** One device goes from one state to another. */
export interface Move {
  readonly device: string;
  readonly wave: number;
  readonly from: RolloutDeviceState;
  readonly to: RolloutDeviceState;
  /** Null: nothing is to be explained. A device's own fault code, or a `StandingCode`. */
  readonly code: string | null;
  /** Whether its target is still looked at. */
  readonly watched: boolean;
  /** It cannot be had before it is opened again: a device that comes back late must not break the caps. */
  readonly withhold: boolean;
  readonly heldAtMs: number | null;
  readonly dueAtMs: number | null;
  readonly nextTryAtMs: number | null;
}

/** A device gets its target. */
export interface Opening {
  readonly device: string;
  readonly wave: number;
  readonly from: RolloutDeviceState;
  readonly attempt: number;
  readonly fate: SharedFate;
  /** Offline: it will find its target when it returns. */
  readonly ahead: boolean;
  /** What it had done wrong was forgiven, and is no more. */
  readonly forgiven: boolean;
}

/** Why nothing was opened although devices are there. */
export type Obstacle = 'brake.delivery' | 'brake.confirm' | 'edge.away' | 'wave.gate' | 'wave.no-evidence' | 'rollout.may-grow';

export interface Decision {
  readonly moves: readonly Move[];
  readonly openings: readonly Opening[];
  /** The rollout itself goes on to another state. */
  readonly act: {
    readonly act: Extract<RolloutAct, 'start' | 'pause' | 'finish' | 'revert'>;
    readonly reason: RolloutReason | null;
  } | null;
  /** The wave that begins now. */
  readonly beginWave: number | null;
  readonly credit: Credit | null;
  readonly obstacle: Obstacle | null;
}
