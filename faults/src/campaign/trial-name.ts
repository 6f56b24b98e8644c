import { stories, storyNamed } from '../stories/story.ts';
import { type FaultName, faultNamed } from '../trial/fault-classes.ts';
import type { Injection, TrialPlan } from '../trial/trial.ts';

/** A plan in words that a thread, a report and a command line can carry. */
export interface TrialName {
  readonly story: string;
  readonly seed: number;
  readonly faults: readonly Injection[];
}

export function nameOf({ story, seed, faults }: TrialPlan): TrialName {
  return { story: story.name, seed, faults };
}

/** @throws for a story that there is not */
export function planOf({ story, seed, faults }: TrialName): TrialPlan {
  const found = storyNamed(story);
  if (!found) throw new Error(`no story ${story}; there are ${stories.map(({ name }) => name).join(', ')}`);
  return { story: found, seed, faults };
}

/** Names of points hold spaces and double quotes, as AT commands do, and never single ones. */
const placeText = (at: Injection['at']) => (typeof at === 'number' ? at : `'${at}'`);

/** What repeats it. */
export function commandOf({ story, seed, faults }: TrialName): string {
  const injected = faults.map(({ fault, at }) => ` --class ${fault} --point ${placeText(at)}`).join('');
  return `npm run faults -- --story ${story} --seed ${seed}${injected}`;
}

/** @param points index or name of each. @throws for classes and points that do not belong together */
export function injectionsOf(classes: readonly string[], points: readonly string[]): readonly Injection[] {
  if (classes.length !== points.length) throw new Error('each --class wants a --point');
  return classes.map((name, index) => {
    const fault: FaultName | null = faultNamed(name);
    const point = points[index] ?? '';
    if (!fault || point === '') throw new Error(`${name} at ${point} is no fault at a point`);
    return { fault, at: /^\d+$/.test(point) ? Number(point) : point };
  });
}
