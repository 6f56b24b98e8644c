import { type Cancel, type Clock, faultCode, faultText } from '@towline/kit';
import type { RolloutProgress } from '@towline/protocol/http';
import type { ChangeFeed } from '../../platform/change-feed.ts';
import type { ControlPlaneLog } from '../../platform/log.ts';
import { frameOf, type ProgressFrame } from './progress-frame.ts';

export interface ProgressHubOptions {
  readonly feed: Pick<ChangeFeed, 'subscribe'>;
  readonly clock: Clock;
  readonly log: ControlPlaneLog;
  readonly read: (tenant: string, rollout: string) => Promise<RolloutProgress | null>;
}

export interface RolloutName {
  readonly tenant: string;
  readonly rollout: string;
}

/** Twice a second, however fast things change. */
const restMs = 500;
/** What is slow to read is read more seldom: a fleet of a million must not be counted without pause. */
const restShare = 10;
/** Should the feed have lost something. */
const lookEveryMs = 15_000;

/** Reads one rollout for all who watch it here: however many they are, the database is asked once. */
export class ProgressHub {
  readonly #name: RolloutName;
  readonly #options: ProgressHubOptions;
  readonly #listeners = new Set<(frame: ProgressFrame) => void>();
  #unsubscribe: Cancel = () => undefined;
  #cancel: Cancel = () => undefined;
  #frame: ProgressFrame | null = null;
  #isDirty = false;
  #isResting = false;

  constructor(name: RolloutName, options: ProgressHubOptions) {
    this.#name = name;
    this.#options = options;
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Told at once what is known, then each time it changes. @returns call it to end */
  watch(listener: (frame: ProgressFrame) => void): Cancel {
    if (!this.isWatched) this.#begin();
    this.#listeners.add(listener);
    if (this.#frame) listener(this.#frame);
    return () => {
      this.#listeners.delete(listener);
      if (!this.isWatched) this.#end();
    };
  }

  #begin(): void {
    const { tenant, rollout } = this.#name;
    this.#unsubscribe = this.#options.feed.subscribe({
      onChange: (change) => {
        if (change.kind === 'rollout' && change.tenant === tenant && change.id === rollout) this.#wake();
      },
      onGap: () => this.#wake(),
    });
    this.#wake();
  }

  #end(): void {
    this.#unsubscribe();
    this.#cancel();
    this.#frame = null;
    this.#isResting = false;
  }

  #wake(): void {
    this.#isDirty = true;
    if (!this.#isResting) void this.#look();
  }

  async #look(): Promise<void> {
    const { clock, log, read } = this.#options;
    const { tenant, rollout } = this.#name;
    const beganMs = clock.monotonicMs();
    this.#cancel();
    this.#isResting = true;
    this.#isDirty = false;
    try {
      const progress = await read(tenant, rollout);
      if (progress) this.#tell(frameOf(progress));
    } catch (error) {
      this.#isDirty = true;
      log.warn('progress.failed', { rollout, code: faultCode(error), reason: faultText(error) });
    }
    if (!this.isWatched) return;
    const tookMs = clock.monotonicMs() - beganMs;
    this.#cancel = clock.schedule(Math.max(restMs, tookMs * restShare), () => this.#rested());
  }

  #rested(): void {
    this.#isResting = false;
    if (this.#isDirty) void this.#look();
    else this.#cancel = this.#options.clock.schedule(lookEveryMs, () => void this.#look());
  }

  #tell(frame: ProgressFrame): void {
    if (frame.id === this.#frame?.id) return;
    this.#frame = frame;
    for (const listener of this.#listeners) listener(frame);
  }
}
