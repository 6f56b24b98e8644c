import { type FieldError, maxSeriesDays, maxSeriesPoints } from '@towline/protocol/http';

const dayMs = 86_400_000;
const defaultPoints = 200;

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export type Bounded<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly errors: readonly FieldError[] };

/** The span asked for; a missing end is now, a missing start a day before the end. */
export function spanOf({ from, to }: { from?: string | undefined; to?: string | undefined }, nowMs: number): Bounded<Span> {
  const toMs = to === undefined ? nowMs : Date.parse(to);
  const fromMs = from === undefined ? toMs - dayMs : Date.parse(from);
  if (fromMs >= toMs) return { ok: false, errors: [{ path: 'from', message: 'must be before to' }] };
  if (toMs - fromMs > maxSeriesDays * dayMs)
    return { ok: false, errors: [{ path: 'from', message: `at most ${maxSeriesDays} days before to` }] };
  return { ok: true, value: { fromMs, toMs } };
}

/** Width of a bucket in milliseconds: as asked for, or so that `points` of them cover the span. */
export function bucketMs(
  { fromMs, toMs }: Span,
  { points, bucketS }: { points?: number | undefined; bucketS?: number | undefined },
): Bounded<number> {
  const spanMs = toMs - fromMs;
  if (bucketS === undefined) return { ok: true, value: Math.max(1, Math.ceil(spanMs / (points ?? defaultPoints))) };
  if (spanMs / (bucketS * 1000) <= maxSeriesPoints) return { ok: true, value: bucketS * 1000 };
  const least = Math.ceil(spanMs / 1000 / maxSeriesPoints);
  return {
    ok: false,
    errors: [{ path: 'bucketS', message: `makes more than ${maxSeriesPoints} points over this span: at least ${least}` }],
  };
}
