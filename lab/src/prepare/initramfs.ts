import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { places } from '../places.ts';
import { firstStage, secondStage } from './boot-scripts.ts';
import type { GuestKernel } from './kernel.ts';
import { moduleOrder } from './module-order.ts';
import { type ArchiveEntry, newcArchive } from './newc-archive.ts';
import { keepNewest } from './newest-kept.ts';

/** What it takes to see the host's files and to have a random source. */
const bootModules = ['virtio_pci', 'virtio_net', '9pnet_virtio', '9p', 'overlay', 'virtio_rng'];

const folder = 0o040755;
const program = 0o100755;
const file = 0o100644;
const characterDevice = 0o020600;

function entriesOf({ modules }: GuestKernel): ArchiveEntry[] {
  const order = moduleOrder(readFileSync(join(modules, 'modules.dep'), 'utf8'), bootModules);
  const folders = ['bin', 'dev', 'host', 'layer', 'modules', 'proc', 'root', 'sys'];
  return [
    ...folders.map((path) => ({ path, mode: folder })),
    { path: 'dev/console', mode: characterDevice, device: [5, 1] },
    { path: 'bin/busybox', mode: program, content: readFileSync('/bin/busybox') },
    { path: 'init', mode: program, content: Buffer.from(firstStage) },
    { path: 'second-stage', mode: program, content: Buffer.from(secondStage) },
    { path: 'modules/order', mode: file, content: Buffer.from(order.map((path) => `${basename(path)}\n`).join('')) },
    ...order.map((path) => ({ path: `modules/${basename(path)}`, mode: file, content: readFileSync(join(modules, path)) })),
  ];
}

/** Enough for checkouts that stand side by side: each differs where the boot scripts or the modules do. */
const kept = 4;

/** The guest's first file system, named by its content. Gives its path. */
export function ensureInitramfs(kernel: GuestKernel): string {
  const archive = newcArchive(entriesOf(kernel));
  const digest = createHash('sha256').update(archive).digest('hex').slice(0, 16);
  const path = join(places.cache, `initramfs-${digest}`);
  if (!existsSync(path)) {
    const fresh = `${path}.${process.pid}`;
    writeFileSync(fresh, archive);
    renameSync(fresh, path);
  }
  const now = new Date();
  utimesSync(path, now, now);
  keepNewest(places.cache, 'initramfs-', kept);
  return path;
}
