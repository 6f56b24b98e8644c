import { type Cancel, type Clock, faultCode, faultText } from '@towline/kit';
import type { Lease } from '../platform/leases.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import { planPartitions } from './partition-plan.ts';
import type { TickerRepository } from './ticker.repository.ts';

export interface TickerOptions {
  readonly repository: TickerRepository;
  /** Two tickers at one partition would only wait for each other. */
  readonly partitionLease: Lease;
  readonly clock: Clock;
  readonly log: ControlPlaneLog;
  readonly retentionDays: number;
}

interface Duty {
  readonly name: string;
  readonly everyMs: number;
  readonly work: () => Promise<unknown>;
}

const minuteMs = 60_000;
/** The slowest beat of an agent with default settings is its telemetry, each hour. */
const silentHours = 3;
const silentJobHours = 24;

/** The slow, periodic work. Any number may run: each duty bears being done twice. */
export class Ticker {
  readonly #options: TickerOptions;
  readonly #cancels = new Map<string, Cancel>();
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  /** Resolves once every duty was done, or tried, for the first time. */
  async start(): Promise<void> {
    for (const duty of this.#duties()) await this.#perform(duty);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#cancels.values()) cancel();
    await Promise.all(this.#running);
  }

  #duties(): Duty[] {
    const { repository, retentionDays } = this.#options;
    return [
      { name: 'partitions', everyMs: 10 * minuteMs, work: () => this.#keepPartitions() },
      { name: 'expire-jobs', everyMs: 1000, work: () => repository.expireJobs() },
      { name: 'silent-jobs', everyMs: minuteMs, work: () => repository.failSilentJobs(silentJobHours) },
      { name: 'silent-devices', everyMs: minuteMs, work: () => repository.markSilentDevices(silentHours) },
      { name: 'prune', everyMs: minuteMs, work: () => repository.prune(retentionDays) },
    ];
  }

  async #keepPartitions(): Promise<void> {
    const { repository, partitionLease, clock, retentionDays } = this.#options;
    if (!(await partitionLease.hold())) return;
    await repository.carryOut(planPartitions(await repository.partitions(), clock.wallMs(), retentionDays));
    await partitionLease.release();
  }

  async #perform(duty: Duty): Promise<void> {
    try {
      await duty.work();
    } catch (error) {
      this.#options.log.warn('tick.failed', { duty: duty.name, code: faultCode(error), reason: faultText(error) });
    }
    if (this.#stopped) return;
    this.#cancels.set(
      duty.name,
      this.#options.clock.schedule(duty.everyMs, () => this.#track(this.#perform(duty))),
    );
  }

  #track(work: Promise<void>): void {
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
  }
}
