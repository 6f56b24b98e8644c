import { seededRandom } from '@towline/kit';
import { documentFor, type Setting, type Story } from '../stories/story.ts';
import type { Twin } from '../world/gateway.ts';
import type { Point } from '../world/points.ts';
import { createWorld, type World } from '../world/world.ts';
import { settledGateway } from './beginning.ts';
import { type FaultName, faultClasses, isDue, journalless } from './fault-classes.ts';
import { type Finding, find, isWell, type Lasting } from './judge.ts';
import { longestOutOfReachMs, type Span } from './out-of-reach.ts';

/** One fault at one point. */
export interface Injection {
  /** The point's index, or its name, which stays what it is when the agent makes other calls before it. */
  readonly at: number | string;
  readonly fault: FaultName;
}

/** Everything that a trial is made of: the same plan gives the same trial. */
export interface TrialPlan {
  readonly story: Story;
  readonly seed: number;
  readonly faults: readonly Injection[];
  readonly twin?: Twin | null;
  /** How long a gateway may take until it counts as stranded. */
  readonly patienceMs?: number;
}

/** How a trial ended. */
export interface TrialResult {
  readonly plan: TrialPlan;
  readonly isWell: boolean;
  readonly finding: Finding;
  /** What was really injected, with the name of its point. */
  readonly injected: readonly { readonly fault: FaultName; readonly point: string }[];
  /** Names of all points, in order. */
  readonly points: readonly string[];
  readonly hash: string;
  /** Whether the gateway ended elsewhere than it was ordered to. */
  readonly isGoneBack: boolean;
  /** How often the control plane heard that a change was reverted. */
  readonly reverts: number;
  /** The longest that it was out of reach, faults aside; null: its link was never cut, or it is still out of reach. */
  readonly outOfReachMs: number | null;
  readonly tookMs: number;
}

const patienceMs = 6 * 3_600_000;
const lookMs = 5_000;
/** So long it has to stay well. */
const quietMs = 60_000;

class Trial {
  private readonly plan: TrialPlan;
  private readonly world: World;
  private readonly injected: { fault: FaultName; point: string }[] = [];
  private wanted: Setting;
  private beganMs = 0;
  private readonly cutsMs: number[] = [];
  private readonly disturbances: Span[] = [];

  constructor(plan: TrialPlan, world: World) {
    this.plan = plan;
    this.world = world;
    this.wanted = plan.story.before;
  }

  async run(): Promise<TrialResult> {
    const { world, plan } = this;
    world.gateway.boot();
    await this.untilWell();
    this.beganMs = world.clock.monotonicMs();
    this.watchLink();
    world.points.arm((point) => this.reached(point));
    let isWell = true;
    for (const wanted of plan.story.wanted) {
      this.wanted = wanted;
      world.controlPlane.assign(documentFor(wanted));
      isWell = await this.untilWell();
    }
    return this.result(isWell);
  }

  private async untilWell(): Promise<boolean> {
    const { clock } = this.world;
    const endMs = clock.monotonicMs() + (this.plan.patienceMs ?? patienceMs);
    let wellSinceMs: number | null = null;
    while (clock.monotonicMs() < endMs) {
      await clock.runUntil(clock.monotonicMs() + lookMs);
      const isNow = this.isWellNow();
      wellSinceMs = isNow ? (wellSinceMs ?? clock.monotonicMs()) : null;
      if (wellSinceMs !== null && clock.monotonicMs() - wellSinceMs >= quietMs) return true;
    }
    return false;
  }

  private isWellNow(): boolean {
    const finding = this.finding();
    const disturbedUntilMs = Math.max(0, ...this.disturbances.map(({ untilMs }) => untilMs));
    const isSeen = finding.seenAtMs !== null && finding.seenAtMs >= disturbedUntilMs;
    return isSeen && isWell(finding, this.lasting());
  }

  private lasting(): Lasting {
    const names = this.injected.map(({ fault }) => fault);
    return {
      isJournalless: names.some((name) => journalless.has(name)),
      isKnownGoodShut: names.includes('known-good-shut'),
      isSimBarred: names.includes('sim-barred'),
    };
  }

  private finding(): Finding {
    return find(this.world, this.plan.story, this.wanted);
  }

  private watchLink(): void {
    const { core, modem, clock } = this.world;
    let before = core.standing()?.grant ?? null;
    modem.onDataChange(() => {
      const now = core.standing()?.grant ?? null;
      if (now === before) return;
      if (before !== null) this.cutsMs.push(clock.monotonicMs());
      before = now;
    });
  }

  private reached({ index, name }: Point): void {
    const { world, plan } = this;
    for (const { at, fault } of plan.faults) {
      if ((at !== index && at !== name) || !isDue(fault, world)) continue;
      this.injected.push({ fault, point: name });
      world.points.note(`fault ${fault}`);
      const random = seededRandom(plan.seed * 7_919 + index);
      const lastsMs = faultClasses[fault].begin({ world, story: plan.story, wanted: this.wanted, random });
      const fromMs = world.clock.monotonicMs();
      this.disturbances.push({ fromMs, untilMs: fromMs + lastsMs });
    }
  }

  private result(isWell: boolean): TrialResult {
    const { plan, world, injected } = this;
    const finding = this.finding();
    return {
      plan,
      isWell,
      finding,
      injected,
      points: world.points.trace(),
      hash: world.points.hash(),
      isGoneBack: finding.on !== 'new',
      reverts: world.controlPlane.record.events.filter((event) => event.startsWith('change.reverted')).length,
      outOfReachMs: isWell ? longestOutOfReachMs(this.cutsMs, world.core.sights, this.disturbances) : null,
      tookMs: world.clock.monotonicMs() - this.beganMs,
    };
  }
}

/** Runs one trial to its end. @param log lines of the agent's log, with seconds of simulated time */
export async function runTrial(plan: TrialPlan, log?: (line: string) => void): Promise<TrialResult> {
  const { story, seed, twin = null } = plan;
  const beginning = await settledGateway(story);
  const world = createWorld({ seed, story, beginning, twin, ...(log ? { log } : {}) });
  return new Trial(plan, world).run();
}
