import { truncateSync, writeFileSync } from 'node:fs';
import { must } from '../gateway/expect.ts';
import { stateDirInGuest } from '../gateway/lab-device.ts';
import { runTool } from '../run-tool.ts';
import type { Guest } from './guest.ts';

/** What gateways keep their state on, on disks and on flash behind a controller. */
export const fileSystems = ['ext4', 'f2fs'] as const;
export type FileSystem = (typeof fileSystems)[number];

const makers: Readonly<Record<FileSystem, readonly string[]>> = {
  ext4: ['mkfs.ext4', '-q', '-F', '-m', '0'],
  f2fs: ['mkfs.f2fs', '-q', '-f'],
};
/** As small as f2fs takes. */
const bytesOfDisk = 96 * 1024 * 1024;

const diskInGuest = '/var/lib/disk-of-the-guest';
const filler = `${diskInGuest}/filler`;

/** An empty disk image; what a guest did not write to it is lost when its qemu is killed. */
export function makeStateDisk(fileSystem: FileSystem, image: string): void {
  writeFileSync(image, '');
  truncateSync(image, bytesOfDisk);
  runTool([...makers[fileSystem], image]);
}

/** Puts the state directory of the guest's agent on its disk. */
export async function mountStateDisk(guest: Guest, fileSystem: FileSystem): Promise<void> {
  for (const module of ['virtio_blk', fileSystem]) await must(guest, ['modprobe', module]);
  await must(guest, ['mkdir', '-p', diskInGuest, stateDirInGuest, '/etc/towline']);
  await must(guest, ['mount', '-t', fileSystem, '-o', 'noatime', '/dev/vda', diskInGuest]);
  await must(guest, ['mkdir', '-p', `${diskInGuest}/state`]);
  await must(guest, ['mount', '--bind', `${diskInGuest}/state`, stateDirInGuest]);
  await emptyStateDisk(guest);
}

/** Takes the last free block. */
export async function fillStateDisk(guest: Guest): Promise<void> {
  await guest.run(['dd', 'if=/dev/zero', `of=${filler}`, 'bs=64k']);
  await guest.run(['dd', 'if=/dev/zero', `of=${filler}`, 'bs=512', 'oflag=append', 'conv=notrunc']);
}

export async function emptyStateDisk(guest: Guest): Promise<void> {
  await must(guest, ['rm', '-f', filler]);
}
