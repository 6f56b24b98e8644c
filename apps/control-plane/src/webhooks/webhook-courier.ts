import { type Cancel, type Clock, faultCode, faultText, type Random } from '@towline/kit';
import type { ControlPlaneLog } from '../platform/log.ts';
import type { Sealer } from '../platform/sealer.ts';
import type { WebhookRequest } from './send-webhook.ts';
import { type AttemptOutcome, settleAttempt } from './settle-attempt.ts';
import { webhookHeaders } from './sign-webhook.ts';
import type { ClaimedDelivery, WebhookDeliveriesRepository } from './webhook-deliveries.repository.ts';

export interface WebhookCourierOptions {
  readonly deliveries: Pick<WebhookDeliveriesRepository, 'claim' | 'settle' | 'dueInMs'>;
  readonly send: (request: WebhookRequest) => Promise<AttemptOutcome>;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ControlPlaneLog;
}

/** Tries under way at once, of all endpoints: a slow one holds its own few, never all. */
const maxUnderWay = 32;
/** Should a notification be lost, or the database be away, nothing waits longer than this. */
const lookEveryMs = 5000;
const soonestMs = 20;

/** Carries deliveries to their endpoints. Any number may run: a delivery is claimed before it is tried, and tried again if its courier dies. */
export class WebhookCourier {
  readonly #options: WebhookCourierOptions;
  readonly #underWay = new Map<ClaimedDelivery, Promise<void>>();
  #looking: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  #cancel: Cancel = () => undefined;

  constructor(options: WebhookCourierOptions) {
    this.#options = options;
  }

  /** Something was queued, or may have been. */
  wake(): void {
    this.#again = true;
    if (this.#looking || this.#stopped) return;
    this.#cancel();
    this.#looking = this.#look().finally(() => {
      this.#looking = null;
    });
  }

  /** Resolves when every try under way has ended: that takes as long as one try may. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#looking;
    await Promise.all(this.#underWay.values());
  }

  async #look(): Promise<void> {
    let restMs = lookEveryMs;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#claimAndSend();
        restMs = Math.min(lookEveryMs, Math.max(soonestMs, (await this.#options.deliveries.dueInMs()) ?? lookEveryMs));
      } catch (error) {
        this.#trouble(error);
      }
    }
    // With all hands full the end of a try wakes it; before that there is nothing to do.
    if (!this.#stopped) this.#cancel = this.#options.clock.schedule(this.#isFull() ? lookEveryMs : restMs, () => this.wake());
  }

  #isFull(): boolean {
    return this.#underWay.size >= maxUnderWay;
  }

  async #claimAndSend(): Promise<void> {
    const free = maxUnderWay - this.#underWay.size;
    if (free <= 0) return;
    const busy = [...new Set([...this.#underWay.keys()].map(({ endpoint }) => endpoint))];
    for (const delivery of await this.#options.deliveries.claim(free, busy)) {
      const work = this.#deliver(delivery)
        .catch((error: unknown) => this.#trouble(error))
        .finally(() => {
          this.#underWay.delete(delivery);
          this.wake();
        });
      this.#underWay.set(delivery, work);
    }
  }

  async #deliver(delivery: ClaimedDelivery): Promise<void> {
    const { deliveries, random, log } = this.#options;
    const outcome = await this.#attempt(delivery);
    const settlement = settleAttempt(outcome, delivery.attempt, random);
    await deliveries.settle(delivery, settlement);
    if (!outcome.ok) {
      const { endpoint, attempt, tenant } = delivery;
      log.warn('webhook.not-delivered', { tenant, endpoint, attempt, failure: outcome.failure, settled: settlement.kind });
    }
  }

  async #attempt({ id, url, body, timestamp, secret, previousSecret }: ClaimedDelivery): Promise<AttemptOutcome> {
    const { sealer, send } = this.#options;
    const text = JSON.stringify(body);
    const secrets = openAll([secret, ...(previousSecret === null ? [] : [previousSecret])], sealer);
    if (!secrets) return { ok: false, failure: 'secret-unreadable', status: null };
    return send({ url, body: text, headers: webhookHeaders({ id, timestamp, body: text }, secrets) });
  }

  #trouble(error: unknown): void {
    this.#options.log.warn('webhook.failed', { code: faultCode(error), reason: faultText(error) });
  }
}

/** Null when the first cannot be opened: sealed with another key. */
function openAll(sealed: readonly string[], sealer: Sealer): string[] | null {
  try {
    return sealed.map((secret) => sealer.open(secret));
  } catch (error) {
    if (faultCode(error) === 'sealer.refused') return null;
    throw error;
  }
}
