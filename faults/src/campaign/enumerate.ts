import { type Random, seededRandom } from '@towline/kit';
import type { Story } from '../stories/story.ts';
import { type FaultName, faultNames, fits, leavesAWay } from '../trial/fault-classes.ts';
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
  const here = faultNames.filter((fault) => fits(fault, story));
  return points.flatMap((_name, at) => here.map((fault): TrialName => ({ story: story.name, seed, faults: [{ at, fault }] })));
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

/** @returns what names the same kind of fault in the same kind of call on the same modem; null: each of it counts for itself */
function kindOf({ story, points }: Reference, { at, fault }: Injection): string | null {
  const point = points[at] ?? '';
  if (isDiskPoint(point) && aboutDisk.has(fault)) return null;
  return `${story.model} ${withoutTime(point)} ${fault}`;
}

function shuffled<Value>(values: readonly Value[], random: Random): readonly Value[] {
  return values
    .map((value) => ({ value, key: random.next() }))
    .toSorted((left, right) => left.key - right.key)
    .map(({ value }) => value);
}

/** First every fault at every kind of call and at every write, then the rest in an order that the seed gives. */
export function orderedSingles(references: readonly Reference[], random: Random): readonly TrialName[] {
  const seen = new Set<string>();
  const essential: TrialName[] = [];
  const rest: TrialName[] = [];
  for (const reference of references) {
    for (const trial of everySingle(reference)) {
      const [injection] = trial.faults;
      const kind = injection ? kindOf(reference, injection) : null;
      if (kind !== null && seen.has(kind)) rest.push(trial);
      else essential.push(trial);
      if (kind !== null) seen.add(kind);
    }
  }
  return [...essential, ...shuffled(rest, random)];
}

/** The second fault comes while the first is being dealt with. */
const longestPairDistance = 60;

function pairOf(references: readonly Reference[], random: Random): TrialName | null {
  const pick = (count: number) => Math.floor(random.next() * count);
  const reference = references[pick(references.length)];
  if (!reference) return null;
  const { story, points } = reference;
  const here = faultNames.filter((fault) => fits(fault, story));
  const at = pick(points.length);
  const [first, second] = [here[pick(here.length)], here[pick(here.length)]];
  if (!first || !second || !leavesAWay([first, second])) return null;
  const faults = [
    { at, fault: first },
    { at: at + 1 + pick(longestPairDistance), fault: second },
  ];
  return { story: story.name, seed: pick(1_000_000), faults };
}

/** @param count of trials @param shareOfPairs of them with two faults */
export function campaignOf(
  references: readonly Reference[],
  { seed, count, shareOfPairs }: { seed: number; count: number; shareOfPairs: number },
): readonly TrialName[] {
  const random = seededRandom(seed);
  const singles = orderedSingles(references, random).slice(0, Math.round(count * (1 - shareOfPairs)));
  const pairs = Array.from({ length: count - singles.length }, () => pairOf(references, random)).filter((pair) => pair !== null);
  return [...singles, ...pairs];
}
