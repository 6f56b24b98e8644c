import { systemClock } from '@towline/agent/node';
import type { OperatorApi } from '@towline/demo';
import { type Random, seededRandom } from '@towline/kit';
import { findRolloutViolations, type RolloutViolation } from '../history/find-rollout-violations.ts';
import type { ChangingFleet } from './changing-fleet.ts';
import { type Harm, Nemesis } from './nemesis.ts';
import { Operator } from './operator.ts';
import { WatchedRollout } from './watched-rollout.ts';

export interface HistoryRunOptions {
  readonly fleet: ChangingFleet;
  /** Each of them reaches the control plane, when that is there. */
  readonly apis: readonly [OperatorApi, ...OperatorApi[]];
  readonly harms: readonly Harm[];
  /** At least, and until each harm was done. */
  readonly seconds: number;
  readonly seed: number;
}

export interface RunHistory {
  readonly violations: readonly RolloutViolation[];
  readonly rollouts: number;
  /** Harms that were done, in order. */
  readonly harms: readonly string[];
}

const waves = [0.1, 0.3, 0.6];
const caps = { inFlight: 12, perSite: 3 };

async function prepare({ fleet, apis }: HistoryRunOptions, name: string, random: Random): Promise<WatchedRollout> {
  const [first] = apis;
  const policy = await new Operator(first).savePolicy(name);
  const sizes = waves.map((share) => Math.max(1, Math.round(share * fleet.ids.length)));
  const api = () => apis[Math.floor(random.next() * apis.length)] ?? first;
  const siteOf = (device: string) => fleet.siteOf(device);
  return WatchedRollout.prepare({ api, random, policy, devices: fleet.ids, waves: sizes, caps, siteOf });
}

/** One rollout after the other over the whole fleet, paused and resumed at random, while harm is done to the control plane. */
export async function runHistory(options: HistoryRunOptions): Promise<RunHistory> {
  const { fleet, harms, seconds, seed } = options;
  // Each its own, so that harm comes in the same order however the operator's calls fall between.
  const nemesis = new Nemesis(harms, seededRandom(seed));
  const random = seededRandom(seed + 1);
  const endMs = systemClock.monotonicMs() + seconds * 1000;
  const isOver = () => systemClock.monotonicMs() >= endMs && nemesis.hasDoneAll;
  for (let rollouts = 1; ; rollouts += 1) {
    const rollout = await prepare(options, `fleet.history-${seed}-${rollouts}`, random);
    const healed = new AbortController();
    const raging = nemesis.rage(healed.signal);
    await rollout.drive(isOver).finally(() => healed.abort());
    await raging;
    await rollout.untilFinished();
    await fleet.untilAtRest();
    const violations = findRolloutViolations(await rollout.history(fleet.changes));
    if (isOver() || violations.length > 0) return { violations, rollouts, harms: nemesis.done };
  }
}
