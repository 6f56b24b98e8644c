import { type Random, seededRandom } from '@towline/kit';
import { type LabFaultName, labFaultNames } from './lab-fault-classes.ts';

/** One fault at one point. */
export interface Injection {
  readonly at: number;
  readonly fault: LabFaultName;
}

/** The next fault comes while the one before is being dealt with. */
const longestDistance = 8;
/** After the last points of an undisturbed change it is over. */
const shareOfFirst = 0.75;

const pick = (random: Random, count: number) => Math.floor(random.next() * count);

/**
 * The faults of one trial, two to four, by point. The classes take turns to be the first, so that a run that is broken off has something of each.
 * @param points of the undisturbed change
 */
export function drawFaults({ seed, trial }: { readonly seed: number; readonly trial: number }, points: number): readonly Injection[] {
  const random = seededRandom(seed * 7_919 + trial);
  const faultAt = (index: number) => labFaultNames[index % labFaultNames.length] ?? 'power-cut';
  const faults: Injection[] = [{ at: pick(random, Math.ceil(points * shareOfFirst)), fault: faultAt(seed + trial) }];
  for (let left = 1 + pick(random, 3); left > 0; left -= 1) {
    const before = faults.at(-1)?.at ?? 0;
    faults.push({ at: before + 1 + pick(random, longestDistance), fault: faultAt(pick(random, labFaultNames.length)) });
  }
  return faults;
}
