import { type Clock, faultCode, faultText, type Random, sleep } from '@towline/kit';
import type { Lease } from '../platform/leases.ts';
import type { ControlPlaneLog } from '../platform/log.ts';
import type { RunningProcess } from '../platform/running-process.ts';

export interface LeaseKeeperOptions<Work extends RunningProcess> {
  readonly lease: Lease;
  /** Begins the work; called anew each time the lease is won. */
  readonly begin: () => Promise<Work>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ControlPlaneLog;
}

/** The lease's length and how often it is prolonged; a standby takes over after at most their sum. */
export const edgeLeaseMs = 10_000;
const prolongEveryMs = 3000;

/** Does the work while it holds the lease, and stands by while another does. */
export class LeaseKeeper<Work extends RunningProcess> implements RunningProcess {
  readonly #options: LeaseKeeperOptions<Work>;
  readonly #stop = new AbortController();
  #work: Work | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(options: LeaseKeeperOptions<Work>) {
    this.#options = options;
  }

  /** The work, while it is done here; null while this one stands by. */
  work(): Work | null {
    return this.#work;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, random, lease } = this.#options;
    while (!this.#stop.signal.aborted) {
      await this.#tick();
      await sleep(clock, prolongEveryMs * (0.8 + 0.4 * random.next()), this.#stop.signal);
    }
    await this.#end();
    await lease.release().catch(() => undefined);
  }

  async #tick(): Promise<void> {
    const { lease, log } = this.#options;
    try {
      const held = await lease.hold();
      if (held && !this.#work) await this.#begin();
      if (!held && this.#work) {
        log.warn('lease.lost');
        await this.#end();
      }
    } catch (error) {
      // While the database is away nobody can take the lease, so the holder goes on: its ingest holds, its devices stay.
      log.warn('database.unavailable', { code: faultCode(error) });
    }
  }

  /** A holder that cannot begin lets go: perhaps a standby can. */
  async #begin(): Promise<void> {
    const { lease, begin, log } = this.#options;
    log.info('lease.acquired');
    try {
      this.#work = await begin();
    } catch (error) {
      log.error('process.failed', { code: faultCode(error), reason: faultText(error) });
      await lease.release();
    }
  }

  async #end(): Promise<void> {
    const work = this.#work;
    this.#work = null;
    await work?.stop();
  }
}
