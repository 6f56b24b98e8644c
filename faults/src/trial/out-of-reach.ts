/** From when to when something was the matter, in milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** How much of a span faults take, however many at once. */
function takenMs({ fromMs, untilMs }: Span, faults: readonly Span[]): number {
  let [takenUntilMs, taken] = [fromMs, 0];
  for (const fault of faults.toSorted((left, right) => left.fromMs - right.fromMs)) {
    const endMs = Math.min(fault.untilMs, untilMs);
    taken += Math.max(0, endMs - Math.max(fault.fromMs, takenUntilMs));
    takenUntilMs = Math.max(takenUntilMs, endMs);
  }
  return taken;
}

/**
 * The longest time from a cut of the link to the next message that reached the control plane, without what faults take of it. Null: no cut was
 * followed by a message.
 * @param sights when messages reached the control plane, ascending
 */
export function longestOutOfReachMs(
  cutsMs: readonly number[],
  sights: readonly { readonly atMs: number }[],
  faults: readonly Span[],
): number | null {
  const stretches = cutsMs.flatMap((cutMs) => {
    const back = sights.find(({ atMs }) => atMs >= cutMs);
    if (!back) return [];
    return [back.atMs - cutMs - takenMs({ fromMs: cutMs, untilMs: back.atMs }, faults)];
  });
  return stretches.length === 0 ? null : Math.max(...stretches);
}
