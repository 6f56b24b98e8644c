import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { places } from '../places.ts';
import { stories } from '../stories/index.ts';
import { fieldGuide } from './field-guide.ts';
import { readResults } from './recorded-results.ts';

const file = join(places.repository, 'docs', 'field-guide.md');

export function writeFieldGuide(): void {
  writeFileSync(file, fieldGuide(stories, readResults()));
}

/** Whether the guide is what stories and results give. */
export const isFieldGuideFresh = (): boolean => existsSync(file) && readFileSync(file, 'utf8') === fieldGuide(stories, readResults());
