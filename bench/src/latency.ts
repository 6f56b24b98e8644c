import { rounded } from './figures.ts';

/** Milliseconds. */
export interface LatencySummary {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Median and 99th percentile by nearest rank, rounded to hundredths; NaN for none. */
export function latencySummary(durationsMs: readonly number[]): LatencySummary {
  const sorted = Float64Array.from(durationsMs).sort();
  const at = (share: number) => rounded(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN);
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}
