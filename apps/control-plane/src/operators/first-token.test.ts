import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { firstTokenFile, firstTokenLine, keepFirstToken } from './first-token.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'towline-first-token-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is kept where nobody else can read it, even where a file lay open to all', () => {
  const file = firstTokenFile(folder);
  writeFileSync(file, 'old', { mode: 0o644 });
  keepFirstToken(file, 'tw_secret');
  expect(readFileSync(file, 'utf8')).toBe('tw_secret\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('is shown at a terminal, and in a log only its file is named', () => {
  const first = { token: 'tw_secret', file: '/data/first-token' };
  expect(firstTokenLine(first, true)).toContain('tw_secret');
  expect(firstTokenLine(first, false)).not.toContain('tw_secret');
  expect(firstTokenLine(first, false)).toContain('/data/first-token');
});
