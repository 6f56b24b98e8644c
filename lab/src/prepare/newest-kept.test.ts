import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keepNewest } from './newest-kept.ts';

it('of files that are named by their content, those that were used last stay', () => {
  const directory = mkdtempSync(join(tmpdir(), 'towline-kept-'));
  for (const [age, name] of ['c', 'a', 'd', 'b'].entries()) {
    writeFileSync(join(directory, `initramfs-${name}`), '');
    utimesSync(join(directory, `initramfs-${name}`), 1_000 - age, 1_000 - age);
  }
  writeFileSync(join(directory, 'kernel'), '');
  keepNewest(directory, 'initramfs-', 2);
  expect(readdirSync(directory).toSorted()).toEqual(['initramfs-a', 'initramfs-c', 'kernel']);
  rmSync(directory, { recursive: true });
});
