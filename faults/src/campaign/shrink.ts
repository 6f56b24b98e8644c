import type { Injection } from '../trial/trial.ts';

/**
 * Takes faults away for as long as it still goes wrong without them.
 * @param goesWrong whether a trial with these faults does
 */
export async function shrink(
  faults: readonly Injection[],
  goesWrong: (faults: readonly Injection[]) => Promise<boolean>,
): Promise<readonly Injection[]> {
  for (const one of faults) {
    const fewer = faults.filter((other) => other !== one);
    if (fewer.length < faults.length && (await goesWrong(fewer))) return shrink(fewer, goesWrong);
  }
  return faults;
}
