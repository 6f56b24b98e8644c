/** From when to when something was the matter, in milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * The longest time from a cut of the link to the next message that reached the control plane; what a fault takes of it is the fault's, up to its
 * end. Null: no cut was followed by a message.
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
    const ends = faults.flatMap(({ fromMs, untilMs }) => (fromMs <= back.atMs ? [untilMs] : []));
    return [Math.max(0, back.atMs - Math.max(cutMs, ...ends))];
  });
  return stretches.length === 0 ? null : Math.max(...stretches);
}
