import { describe, expect, it } from 'vitest';
import { moduleOrder } from './module-order.ts';

/** Composed in the shape that depmod writes: the nearest need first. */
const modulesDep = `kernel/fs/9p/9p.ko: kernel/fs/fscache/fscache.ko kernel/fs/netfs/netfs.ko kernel/net/9p/9pnet.ko
kernel/net/9p/9pnet.ko:
kernel/fs/netfs/netfs.ko:
kernel/fs/fscache/fscache.ko: kernel/fs/netfs/netfs.ko
kernel/drivers/char/hw_random/virtio-rng.ko:
`;

describe('the order of kernel modules', () => {
  it('has what a module needs before it, each once', () => {
    const order = moduleOrder(modulesDep, ['9p', '9pnet']).map((path) => path.replace(/.*\//, ''));
    expect(order).toEqual(['9pnet.ko', 'netfs.ko', 'fscache.ko', '9p.ko']);
  });

  it('finds a module under either spelling of its name', () => {
    expect(moduleOrder(modulesDep, ['virtio_rng'])).toEqual(['kernel/drivers/char/hw_random/virtio-rng.ko']);
  });

  it('says which module the kernel does not have', () => {
    expect(() => moduleOrder(modulesDep, ['raw_gadget'])).toThrow(/raw_gadget/);
  });
});
