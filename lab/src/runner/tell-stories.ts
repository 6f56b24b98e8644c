import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readResults, recordResults } from '../guide/recorded-results.ts';
import { writeFieldGuide } from '../guide/write-field-guide.ts';
import { runInside, tellOutside } from '../namespace.ts';
import type { Prepared } from '../prepare/prepare.ts';
import type { Story } from '../stories/story.ts';
import { divide } from './lanes.ts';
import { runStories } from './run-stories.ts';
import { type StoryResult, seconds, storyResultSchema } from './story-result.ts';

export interface TellOptions {
  readonly prepared: Prepared;
  /** How many guests at once; each lane has a site of its own. */
  readonly lanes: number;
  readonly isRecorded: boolean;
  readonly print: (line: string) => void;
}

/** Where to look when a story failed. */
function failureText({ name, reason, directory = '' }: StoryResult): string {
  const files = existsSync(directory) ? readdirSync(directory) : [];
  return [`failed: ${name}: ${reason}`, ...files.map((file) => `    ${join(directory, file)}`)].join('\n');
}

/** Inside: tells these stories, one after the other, and what came of each to the one outside. */
export async function tellInside(stories: readonly Story[], { prepared, print }: Omit<TellOptions, 'lanes' | 'isRecorded'>): Promise<void> {
  await runStories(stories, { prepared, print, onResult: tellOutside });
}

/** Outside: tells stories in so many lanes, each in namespaces of its own, and says at the end how all went. Gives whether all passed. */
export async function tellStories(stories: readonly Story[], { prepared, lanes, isRecorded, print }: TellOptions): Promise<boolean> {
  const startMs = performance.now();
  const recorded = readResults();
  const results: StoryResult[] = [];
  const told = { day: new Date().toISOString().slice(0, 10), kernel: prepared.kernel.release };
  const hear = (message: unknown) => {
    const result = storyResultSchema.parse(message);
    results.push(result);
    // At once: a run of an hour that is broken off keeps what it has shown.
    if (isRecorded) recordResults([result], told);
  };
  const divided = divide(stories, lanes, (name) => recorded[name]?.seconds);
  await Promise.all(divided.map((lane) => runInside(['inside', ...lane.map(({ name }) => name)], hear)));
  if (isRecorded) writeFieldGuide();
  for (const result of results) if (result.outcome === 'failed') print(failureText(result));
  const failed = results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name);
  const untold = stories.map(({ name }) => name).filter((name) => !results.some((result) => result.name === name));
  const passed = results.length - failed.length;
  print(JSON.stringify({ passed, failed, untold, seconds: seconds(performance.now() - startMs), stories: results }));
  return failed.length === 0 && untold.length === 0;
}
