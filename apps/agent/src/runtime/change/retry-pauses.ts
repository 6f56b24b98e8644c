import type { Clock, Random } from '@towline/kit';
import type { GivenUp } from '../../core/transaction/keepsakes.ts';
import { triesLeft } from '../../core/transaction/keepsakes.ts';
import { type RetryPause, retryPauseMs } from '../../core/transaction/retry-pause.ts';

interface Running {
  /** Null: of whatever SIM. */
  readonly iccid: string | null;
  /** Monotonic. */
  readonly untilMs: number;
  /** The same by the wall clock as it stood then, for telling alone. */
  readonly until: number;
}

/**
 * The pauses between the tries of changes without a verdict, one a modem. They are in RAM alone: a restart begins them anew, which costs no flash
 * and leaves the gateway where it can be reached. A pause runs from when the control plane is met: before, nobody could have used it.
 */
export class RetryPauses {
  private readonly needs: { readonly clock: Clock; readonly random: Random };
  private readonly running = new Map<string, Running>();

  constructor(needs: { readonly clock: Clock; readonly random: Random }) {
    this.needs = needs;
  }

  /** What this change waits for; null: it may be tried now. @param isMet the control plane is met now */
  of(given: GivenUp, isMet: boolean): RetryPause | null {
    const { modem, iccid, tries } = given;
    const found = this.running.get(modem);
    const isOfThis = found !== undefined && (found.iccid === null || found.iccid === iccid);
    if (isOfThis && isMet && this.needs.clock.monotonicMs() >= found.untilMs) return null;
    if (isOfThis || !isMet) return { triesLeft: triesLeft(given), until: isOfThis ? found.until : null };
    const { until } = this.begin(modem, iccid, retryPauseMs(tries, this.needs.random.next()));
    return { triesLeft: triesLeft(given), until };
  }

  /** Somebody wants it tried now. */
  end(modem: string): void {
    this.begin(modem, null, 0);
  }

  /** The change is tried, or was given up anew. */
  forget(modem: string): void {
    this.running.delete(modem);
  }

  /** When a pause of this modem ends; never, where none runs. */
  endsAtMs(modem: string): number {
    const untilMs = this.running.get(modem)?.untilMs ?? Number.POSITIVE_INFINITY;
    // One that is over and cannot be followed by its try yet wakes nobody again and again.
    return untilMs > this.needs.clock.monotonicMs() ? untilMs : Number.POSITIVE_INFINITY;
  }

  private begin(modem: string, iccid: string | null, pauseMs: number): Running {
    const { clock } = this.needs;
    const until = Math.max(0, Math.round(clock.wallMs() + pauseMs));
    const running = { iccid, untilMs: clock.monotonicMs() + pauseMs, until };
    this.running.set(modem, running);
    return running;
  }
}
