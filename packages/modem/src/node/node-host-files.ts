import { chmod, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault, faultCode } from '@towline/kit';
import type { HostFiles } from '../ports.ts';

const maxBytes = 64 * 1024;

async function readText(path: string): Promise<string | null> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (faultCode(error) === 'ENOENT' || faultCode(error) === 'ENOTDIR') return null;
    throw error;
  }
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}

/** Set afterwards: the umask of a service takes away what a new file is made with. */
async function showEverybody(path: string): Promise<void> {
  await chmod(dirname(path), 0o755);
  await chmod(path, 0o644);
}

/** The files of this host. */
export function createNodeHostFiles(): HostFiles {
  return {
    async read(path) {
      try {
        return await readText(path);
      } catch (error) {
        throw new Fault('file.unreadable', `${path}: ${faultCode(error)}`, { cause: error });
      }
    },
    async write(path, text, readers) {
      try {
        // sysfs shows no new names, so its folders are never made by mistake.
        if (!path.startsWith('/sys/')) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeFile(path, text, path.startsWith('/sys/') ? { flag: 'r+' } : { mode: 0o600 });
        if (readers === 'everybody') await showEverybody(path);
      } catch (error) {
        throw new Fault('file.unwritable', `${path}: ${faultCode(error)}`, { cause: error });
      }
    },
    async remove(path) {
      await rm(path, { force: true });
    },
  };
}
