/** Median and 99th percentile of durations in milliseconds, rounded to hundredths; NaN for none. */
export function latencySummary(durationsMs: readonly number[]): { readonly p50Ms: number; readonly p99Ms: number } {
  const sorted = Float64Array.from(durationsMs).sort();
  const at = (share: number) => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN) * 100) / 100;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}
