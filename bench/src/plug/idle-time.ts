/** From one moment to another, in milliseconds of one clock. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How much of `whole` lies in none of `busy`, which may overlap and reach beyond it. */
export function idleMs(whole: Span, busy: readonly Span[]): number {
  let coveredTo = whole.fromMs;
  let idle = 0;
  for (const { fromMs, toMs } of [...busy].sort((left, right) => left.fromMs - right.fromMs)) {
    if (fromMs >= whole.toMs) break;
    idle += Math.max(0, fromMs - coveredTo);
    coveredTo = Math.max(coveredTo, Math.min(toMs, whole.toMs));
  }
  return idle + Math.max(0, whole.toMs - coveredTo);
}
