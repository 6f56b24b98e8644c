import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newcArchive } from './newc-archive.ts';

describe('an initramfs archive', () => {
  it('gives back what was put in, by the header fields of newc', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,20}$/), fc.uint8Array({ maxLength: 70 }), (path, content) => {
        const archive = newcArchive([{ path, mode: 0o100644, content }]);
        const sizes = [54, 94].map((at) => Number.parseInt(archive.toString('latin1', at, at + 8), 16));
        const start = Math.ceil((110 + path.length + 1) / 4) * 4;
        expect(sizes).toEqual([content.length, path.length + 1]);
        expect([...archive.subarray(start, start + content.length)]).toEqual([...content]);
      }),
    );
  });

  it('ends with the trailer, on a multiple of four bytes', () => {
    const archive = newcArchive([]);
    expect(archive.length % 4).toBe(0);
    expect(archive.toString('latin1')).toContain('TRAILER!!!');
  });
});
