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

/** What repeats it. */
export function commandOf({ story, seed, faults }: TrialName): string {
  const injected = faults.map(({ fault, at }) => ` --class ${fault} --point ${at}`).join('');
  return `npm run faults -- --story ${story} --seed ${seed}${injected}`;
}

/** @throws for classes and points that do not belong together */
export function injectionsOf(classes: readonly string[], points: readonly string[]): readonly Injection[] {
  if (classes.length !== points.length) throw new Error('each --class wants a --point');
  return classes.map((name, index) => {
    const fault: FaultName | null = faultNamed(name);
    const at = Number(points[index]);
    if (!fault || !Number.isInteger(at) || at < 0) throw new Error(`${name} at ${points[index]} is no fault at a point`);
    return { fault, at };
  });
}
