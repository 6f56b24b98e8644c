import { type Cancel, type Clock, faultCode, faultText } from '@towline/kit';
import type { Database } from '../../platform/database.ts';
import type { ControlPlaneLog } from '../../platform/log.ts';
import { listLiveRollouts, type RolloutKey } from '../live-rollout.repository.ts';
import { rolloutStep, type StepOutcome, type StepPorts } from './rollout-step.ts';

export interface RolloutTickOptions extends StepPorts {
  readonly database: Pick<Database, 'prisma'>;
  readonly clock: Clock;
  readonly log: ControlPlaneLog;
}

/** Should no change be told, deadlines and windows are looked at so often. */
const lookEveryMs = 1000;
/** Changes of a busy fleet are taken together. */
const gatherMs = 250;
/** Steps of one rollout before the others have their turn. */
const stepsAtOnce = 10;

/** Drives every rollout, step by step. Any number may run, and any may be killed at any moment: a step is done whole or not at all. */
export class RolloutTick {
  readonly #options: RolloutTickOptions;
  #cancel: Cancel = () => undefined;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = false;

  constructor(options: RolloutTickOptions) {
    this.#options = options;
  }

  start(): void {
    this.#later(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#running;
  }

  /** Something changed that a rollout may wait for. */
  wake(): void {
    if (this.#running) this.#again = true;
    else if (!this.#again) {
      this.#again = true;
      this.#later(gatherMs);
    }
  }

  /** One round: every live rollout as far as it goes at once. @returns whether one of them may go on at once */
  async round(): Promise<boolean> {
    const live = await listLiveRollouts(this.#options.database.prisma);
    let again = false;
    for (const key of live) {
      if (this.#stopped) return false;
      const { busy, more } = await this.#drive(key);
      again ||= more || (busy && live.length > 1);
    }
    return again;
  }

  /** @returns `busy`: some step of it was; `more`: the last one said so */
  async #drive(key: RolloutKey): Promise<StepOutcome> {
    const { database, work, ids, log } = this.#options;
    let driven: StepOutcome = { busy: false, more: true };
    try {
      for (let step = 0; step < stepsAtOnce && driven.more && !this.#stopped; step += 1) {
        const { busy, more } = await database.prisma.$transaction((tx) => rolloutStep(tx, key, { work, ids }));
        driven = { busy: driven.busy || busy, more };
      }
      return driven;
    } catch (error) {
      log.warn('tick.failed', { duty: 'rollout', rollout: key.id, code: faultCode(error), reason: faultText(error) });
      return { busy: false, more: false };
    }
  }

  #later(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancel();
    this.#cancel = this.#options.clock.schedule(delayMs, () => {
      this.#again = false;
      this.#running = this.#run().finally(() => {
        this.#running = null;
        this.#later(this.#again ? gatherMs : lookEveryMs);
      });
    });
  }

  async #run(): Promise<void> {
    const { log } = this.#options;
    try {
      while ((await this.round()) && !this.#stopped);
    } catch (error) {
      log.warn('tick.failed', { duty: 'rollouts', code: faultCode(error), reason: faultText(error) });
    }
  }
}
