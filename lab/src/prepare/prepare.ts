import type { Accelerator } from '../guest/qemu-command.ts';
import { ensureHostPackages } from './host-packages.ts';
import { ensureInitramfs } from './initramfs.ts';
import { ensureKernel, type GuestKernel } from './kernel.ts';

/** Everything that a guest boots from. */
export interface Prepared {
  readonly kernel: GuestKernel;
  readonly initramfs: string;
  readonly accelerator: Accelerator;
}

/** Sees to it that everything is there, in the order of how seldom it changes; quick when it is. */
export async function prepare(say: (text: string) => void): Promise<Prepared> {
  ensureHostPackages(say);
  const kernel = ensureKernel(say);
  return { kernel, initramfs: ensureInitramfs(kernel), accelerator: 'tcg' };
}
