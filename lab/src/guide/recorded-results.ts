import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { places } from '../places.ts';
import type { StoryResult } from '../runner/story-result.ts';

const recordedSchema = z.record(
  z.string(),
  z.object({ outcome: z.enum(['passed', 'failed']), seconds: z.number(), day: z.string(), kernel: z.string() }),
);

/** How each story went when it was last recorded, by its name. Kept with the source, so that the guide can be made anew from it. */
export type RecordedResults = z.infer<typeof recordedSchema>;

const file = join(places.repository, 'lab', 'results.json');

export function readResults(): RecordedResults {
  return existsSync(file) ? recordedSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
}

/** Adds what was just told to what is recorded. `day` is as ISO 8601 writes it. */
export function recordResults(results: readonly StoryResult[], { day, kernel }: { readonly day: string; readonly kernel: string }): void {
  const fresh = Object.fromEntries(results.map(({ name, outcome, seconds }) => [name, { outcome, seconds, day, kernel }]));
  const all = Object.entries({ ...readResults(), ...fresh }).sort(([left], [right]) => left.localeCompare(right));
  const rows = all.map(([name, result]) => `  ${JSON.stringify(name)}: ${JSON.stringify(result)}`);
  writeFileSync(file, `{\n${rows.join(',\n')}\n}\n`);
}
