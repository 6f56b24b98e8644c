import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { faultCode } from '@towline/kit';
import type { Disk } from '../runtime/storage/disk.ts';

/** Written and synced on one descriptor: the kernel tells a failed write-back to those that were open when it failed. */
async function synced(path: string, flags: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await use(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeWhole(file: FileHandle, content: Uint8Array): Promise<void> {
  let written = 0;
  while (written < content.length) {
    const { bytesWritten } = await file.write(content, written, content.length - written, written);
    written += bytesWritten;
  }
}

/** The files of one directory, readable by its owner only. The directory is made with the first file. */
export function nodeDisk(directory: string): Disk {
  const pathOf = (name: string) => join(directory, name);
  return {
    async read(name) {
      try {
        return await readFile(pathOf(name));
      } catch (error) {
        if (faultCode(error) === 'ENOENT') return null;
        throw error;
      }
    },
    async create(name, content) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      // A file of its own, always: of one whose sync failed nobody knows what is on the medium, whoever writes to it again.
      await rm(pathOf(name), { force: true });
      await synced(pathOf(name), 'wx', (file) => writeWhole(file, content));
    },
    overwrite: (name, content) => synced(pathOf(name), 'r+', (file) => writeWhole(file, content)),
    rename: (from, to) => rename(pathOf(from), pathOf(to)),
    syncDirectory: () => synced(directory, 'r', async () => {}),
  };
}
