import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSealer, loadSealingKey } from './sealer.ts';

const sealer = createSealer(randomBytes(32));
const refused = expect.objectContaining({ code: 'sealer.refused' });

it('gives back what was sealed, and seals the same differently each time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (plain) => {
      const [first, second] = [sealer.seal(plain), sealer.seal(plain)];
      expect([sealer.open(first), sealer.open(second)]).toEqual([plain, plain]);
      expect(first).not.toBe(second);
    }),
  );
});

it('opens nothing that was changed, cut or sealed with another key', () => {
  const sealed = sealer.seal('hunter22');
  const bytes = Buffer.from(sealed.slice(3), 'base64url');
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(() => sealer.open(`v1.${changed.toString('base64url')}`)).toThrow(refused);
  }
  for (const wrong of ['', 'v1.', 'v2.abc', sealed.slice(0, -4), createSealer(randomBytes(32)).seal('x')]) {
    expect(() => sealer.open(wrong)).toThrow(refused);
  }
});

it('makes its key once, for its owner only, and takes a configured one as it is', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'towline-key-'));
  const key = loadSealingKey(null, join(dataDir, 'new'));
  expect(key).toHaveLength(32);
  expect(loadSealingKey(null, join(dataDir, 'new')).equals(key)).toBe(true);
  expect(statSync(join(dataDir, 'new', 'key')).mode & 0o777).toBe(0o600);
  expect(loadSealingKey(key.toString('base64'), '/nowhere').equals(key)).toBe(true);
  rmSync(dataDir, { recursive: true });
});
