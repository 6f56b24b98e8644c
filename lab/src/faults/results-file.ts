import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { places } from '../places.ts';
import { type LabResult, resultSchema } from './trial-result.ts';

const file = join(dirname(places.logs), 'faults.jsonl');

/** What a run has shown so far, a line each: lanes write to it side by side, and a run that was broken off goes on from it. */
export function readLabResults(): readonly LabResult[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => resultSchema.parse(JSON.parse(line)));
}

export function keepLabResult(result: LabResult): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(result)}\n`);
}

export function forgetLabResults(): void {
  rmSync(file, { force: true });
}
