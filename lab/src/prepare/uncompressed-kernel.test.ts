import { describe, expect, it } from 'vitest';
import { kernelPayload } from './uncompressed-kernel.ts';

const magic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);

describe('the payload of a kernel image', () => {
  it('begins at the magic of xz, not at the one that the boot code compares with', () => {
    const image = Buffer.concat([Buffer.alloc(900), magic, Buffer.alloc(30_000), magic, Buffer.from('rest')]);
    expect(kernelPayload(image)).toEqual(Buffer.concat([magic, Buffer.from('rest')]));
  });

  it('is refused where the kernel is packed otherwise', () => {
    expect(() => kernelPayload(Buffer.alloc(40_000))).toThrow(/no xz stream/);
  });
});
