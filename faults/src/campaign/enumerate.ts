import { type Random, seededRandom } from '@towline/kit';
import type { Story } from '../stories/story.ts';
import { campaignFaults, type FaultName, fits, leavesAWay } from '../trial/fault-classes.ts';
import type { Injection } from '../trial/trial.ts';
import type { TrialName } from './trial-name.ts';

/** A story that nothing befell: what the agent did in it, call by call. */
export interface Reference {
  readonly story: Story;
  readonly seed: number;
  readonly points: readonly string[];
}

/** Every fault at every point of a story. */
export function everySingle({ story, seed, points }: Reference): readonly TrialName[] {
  const here = campaignFaults.filter((fault) => fits(fault, story));
  return points.flatMap((at) => here.map((fault): TrialName => ({ story: story.name, seed, faults: [{ at, fault }] })));
}

const withoutTime = (point: string) => point.replace(/ #\d+$/, '');
/** What a power cut or a failing disk can leave half done. */
const isDiskPoint = (point: string) => point.startsWith('disk ') && !point.startsWith('disk read');
const aboutDisk: ReadonlySet<FaultName> = new Set([
  'agent-killed',
  'power-cut',
  'reboot',
  'disk-full',
  'disk-error',
  'disk-read-only',
  'disk-quota',
]);

/** What names the same fault in the same call: of a disk its every write by number, as no two of them leave the same half-done. */
function kindOf({ network }: Story, { at, fault }: Injection): string {
  const point = String(at);
  return isDiskPoint(point) && aboutDisk.has(fault) ? `${network} ${point} ${fault}` : `${withoutTime(point)} ${fault}`;
}

/** Every fault at every kind of call, and every one that concerns the disk at every write. */
export function essentialSingles(references: readonly Reference[]): readonly TrialName[] {
  const seen = new Set<string>();
  return references.flatMap((reference) =>
    everySingle(reference).filter(({ faults: [injection] }) => {
      const kind = injection ? kindOf(reference.story, injection) : '';
      const isNew = !seen.has(kind);
      seen.add(kind);
      return isNew;
    }),
  );
}

/** The next fault comes while the one before is being dealt with. */
const longestDistance = 60;
const mostInARow = 5;

/** Several faults in a row, two to five. */
function rowOf({ story, points }: Reference, random: Random): TrialName {
  const pick = (count: number) => Math.floor(random.next() * count);
  const here = campaignFaults.filter((fault) => fits(fault, story));
  const faults: Injection[] = [];
  let at = pick(points.length);
  for (let left = 2 + pick(mostInARow - 1); left > 0; left -= 1) {
    const fault = here[pick(here.length)];
    if (fault && leavesAWay([...faults.map((one) => one.fault), fault])) faults.push({ at, fault });
    at += 1 + pick(longestDistance);
  }
  return { story: story.name, seed: pick(1_000_000), faults };
}

/** @param count of faults, at least: every essential single, and as many rows of several faults as it takes */
export function campaignOf(references: readonly Reference[], { seed, count }: { seed: number; count: number }): readonly TrialName[] {
  const random = seededRandom(seed);
  const trials: TrialName[] = [...essentialSingles(references)];
  let faults = trials.length;
  while (faults < count) {
    const reference = references[Math.floor(random.next() * references.length)];
    if (!reference) return trials;
    const row = rowOf(reference, random);
    trials.push(row);
    faults += row.faults.length;
  }
  return shuffled(trials, random);
}

/** A campaign that is ended early has something of everything then. */
function shuffled<Value>(values: readonly Value[], random: Random): readonly Value[] {
  const keyed = values.map((value) => ({ value, key: random.next() }));
  return keyed.toSorted((left, right) => left.key - right.key).map(({ value }) => value);
}

/** A part of a campaign that has something of all of it. */
export function sampleOf(trials: readonly TrialName[], count: number): readonly TrialName[] {
  const stride = Math.max(1, trials.length / Math.max(1, count));
  return trials.filter((_trial, index) => Math.floor(index / stride) !== Math.floor((index - 1) / stride));
}
