import type { Store } from '../runtime/ports.ts';
import { diskStore } from '../runtime/storage/disk-store.ts';
import { nodeDisk } from './node-disk.ts';

/** Keeps each text in a file of its own under `directory`, readable by its owner only. */
export function fileStore(directory: string): Store {
  return diskStore(nodeDisk(directory));
}
