import { type BackoffPolicy, backoffDelayMs, type Random } from '@towline/kit';
import type { WebhookFailure } from '@towline/protocol/http';

/** How a try ended. */
export type AttemptOutcome =
  | { readonly ok: true; readonly status: number }
  | { readonly ok: false; readonly failure: WebhookFailure; readonly status: number | null };

/** What is to be written of it. */
export type Settlement =
  | { readonly kind: 'delivered'; readonly status: number }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly failure: WebhookFailure; readonly status: number | null }
  /** Given up, and the endpoint is suspended: whoever runs it has to look. */
  | { readonly kind: 'give-up'; readonly failure: WebhookFailure; readonly status: number | null };

/** The tries of one delivery: over about a day and a half in all. */
export const maxAttempts = 10;
const gaps: BackoffPolicy = { baseMs: 10_000, factor: 3.5, maxMs: 8 * 3_600_000, jitter: 0.3 };

/** @param attempt number of the try that has just ended, from 1 */
export function settleAttempt(outcome: AttemptOutcome, attempt: number, random: Random): Settlement {
  if (outcome.ok) return { kind: 'delivered', status: outcome.status };
  const { failure, status } = outcome;
  if (failure === 'gone' || attempt >= maxAttempts) return { kind: 'give-up', failure, status };
  return { kind: 'retry', delayMs: backoffDelayMs(gaps, attempt - 1, random), failure, status };
}

/** 410 is the receiver's own word that it wants nothing more (Standard Webhooks 1.0). */
export function outcomeOfStatus(status: number): AttemptOutcome {
  if (status >= 200 && status < 300) return { ok: true, status };
  if (status >= 300 && status < 400) return { ok: false, failure: 'redirected', status };
  return { ok: false, failure: status === 410 ? 'gone' : 'refused', status };
}
