import { type Cancel, type Clock, Fault, faultCode, faultText } from '@towline/kit';
import type { DriftRepository } from '../drift/drift.repository.ts';
import type { Lease } from '../platform/leases.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import type { RolloutGrowth } from '../rollouts/rollout-growth.repository.ts';
import { planPartitions } from './partition-plan.ts';
import type { Retention, TickerRepository } from './ticker.repository.ts';

export interface TickerOptions {
  readonly repository: TickerRepository;
  readonly drift: Pick<DriftRepository, 'look' | 'mend'>;
  readonly growth: Pick<RolloutGrowth, 'grow'>;
  /** Two tickers at one partition would only wait for each other. */
  readonly partitionLease: Lease;
  readonly clock: Clock;
  readonly log: ControlPlaneLog;
  readonly retention: Retention;
}

interface Duty {
  readonly name: string;
  readonly everyMs: number;
  /** One short piece of it. @returns how many rows it changed: as long as there are some, there may be more */
  readonly work: () => Promise<number>;
}

const minuteMs = 60_000;
/** The slowest beat of an agent with default settings is its telemetry, each hour. */
const silentHours = 3;
const silentJobHours = 24;
/** Of the time until a duty's next turn, it may spend this share on what has piled up: a fleet of a million that went silent, say. */
const shareOfTime = 0.5;

/** The slow, periodic work. Any number may run: each duty bears being done twice. */
export class Ticker {
  readonly #options: TickerOptions;
  readonly #cancels = new Map<string, Cancel>();
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  /** Resolves once every duty was begun, or tried, for the first time; what has piled up is for the turns to come. */
  async start(): Promise<void> {
    for (const duty of this.#duties()) await this.#perform(duty, 0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#cancels.values()) cancel();
    await Promise.all(this.#running);
  }

  #duties(): Duty[] {
    const { repository, drift, growth, retention } = this.#options;
    return [
      { name: 'partitions', everyMs: minuteMs, work: () => this.#keepPartitions() },
      { name: 'expire-jobs', everyMs: 1000, work: () => repository.expireJobs() },
      { name: 'look-for-drift', everyMs: 1000, work: () => drift.look() },
      { name: 'mend-drift', everyMs: 10_000, work: () => drift.mend() },
      // It asks the whole fleet.
      { name: 'grow-rollouts', everyMs: minuteMs, work: () => growth.grow() },
      { name: 'end-holds', everyMs: 1000, work: () => repository.endHolds() },
      { name: 'silent-jobs', everyMs: minuteMs, work: () => repository.failSilentJobs(silentJobHours) },
      { name: 'silent-devices', everyMs: minuteMs, work: () => repository.markSilentDevices(silentHours) },
      { name: 'prune', everyMs: minuteMs, work: () => repository.prune(retention) },
    ];
  }

  async #keepPartitions(): Promise<number> {
    const { repository, partitionLease, clock, retention } = this.#options;
    if (!(await partitionLease.hold())) return 0;
    try {
      const plan = planPartitions(await repository.partitions(), clock.wallMs(), retention.telemetryDays);
      const waiting = await repository.carryOut(plan);
      if (waiting.length > 0) throw new Fault('ticker.partition-in-use', `to be tried again: ${waiting.join(', ')}`);
      return 0;
    } finally {
      await partitionLease.release();
    }
  }

  async #perform(duty: Duty, budgetMs: number): Promise<void> {
    const { clock } = this.#options;
    const endMs = clock.monotonicMs() + budgetMs;
    try {
      while ((await duty.work()) > 0 && clock.monotonicMs() < endMs && !this.#stopped);
    } catch (error) {
      this.#options.log.warn('tick.failed', { duty: duty.name, code: faultCode(error), reason: faultText(error) });
    }
    if (this.#stopped) return;
    this.#cancels.set(
      duty.name,
      this.#options.clock.schedule(duty.everyMs, () => this.#track(this.#perform(duty, duty.everyMs * shareOfTime))),
    );
  }

  #track(work: Promise<void>): void {
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
  }
}
