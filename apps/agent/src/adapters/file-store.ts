import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, faultCode } from '@towline/kit';
import type { Store } from '../runtime/ports.ts';

async function synced(path: string, flags: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await use(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The rename itself is only on flash once the directory is. */
async function syncDirectory(directory: string): Promise<void> {
  await synced(directory, 'r', async () => {});
}

/**
 * Keeps each text in a file of its own under `directory`, readable by its owner only. A write is there whole or not at all, whenever the
 * power goes: temporary file, fsync, rename, fsync of the directory. A failed fsync is not tried again, as the kernel may have dropped
 * the pages that it then calls clean.
 */
export function fileStore(directory: string): Store {
  const pathOf = (name: string) => join(directory, `${name}.json`);
  // Two writes of one name in flight would share the temporary file.
  let tail: Promise<void> = Promise.resolve();
  async function replace(name: string, text: string): Promise<void> {
    const path = pathOf(name);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await synced(`${path}.tmp`, 'w', (file) => file.writeFile(text));
    await rename(`${path}.tmp`, path);
    await syncDirectory(directory);
  }
  return {
    async read(name) {
      try {
        return await readFile(pathOf(name), 'utf8');
      } catch (cause) {
        if (faultCode(cause) === 'ENOENT') return null;
        throw new Fault('store.read-failed', `${name} cannot be read`, { cause });
      }
    },
    write(name, text) {
      const turn = tail.then(() => replace(name, text));
      tail = turn.catch(() => {});
      return turn.catch((cause: unknown) => {
        throw new Fault('store.write-failed', `${name} cannot be written: ${faultCode(cause)}`, { cause });
      });
    },
    async setAside(name) {
      await rename(pathOf(name), `${pathOf(name)}.corrupt`);
      await syncDirectory(directory);
    },
  };
}
