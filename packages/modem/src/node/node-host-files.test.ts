import { mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNodeHostFiles } from './node-host-files.ts';

describe('files of the host', () => {
  const files = createNodeHostFiles();
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'towline-files-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are null where there are none, also below a file', async () => {
    await files.write(join(folder, 'a'), 'x');
    expect(await files.read(join(folder, 'none'))).toBeNull();
    expect(await files.read(join(folder, 'a', 'b'))).toBeNull();
  });

  it('are written for their owner only, with the folders that they need, and read back', async () => {
    const path = join(folder, 'deep', 'er', 'session.json');
    await files.write(path, 'longer text');
    await files.write(path, 'text');
    expect(await files.read(path)).toBe('text');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('are for everybody where that is asked, whatever the umask of a service', async () => {
    const path = join(folder, 'resolvers', 'wwan0.conf');
    const before = process.umask(0o077);
    await files.write(path, 'nameserver 192.0.2.53\n', 'everybody').finally(() => process.umask(before));
    expect((await stat(path)).mode & 0o777).toBe(0o644);
    expect((await stat(join(folder, 'resolvers'))).mode & 0o777).toBe(0o755);
  });

  it('are removed, once or twice', async () => {
    const path = join(folder, 'gone');
    await files.write(path, 'x');
    await files.remove(path);
    await files.remove(path);
    expect(await files.read(path)).toBeNull();
  });

  it('say what went wrong in a code', async () => {
    await symlink('loop', join(folder, 'loop'));
    await expect(files.read(join(folder, 'loop'))).rejects.toMatchObject({ code: 'file.unreadable' });
    await expect(files.write(folder, 'x')).rejects.toMatchObject({ code: 'file.unwritable' });
    await expect(files.write('/sys/towline-none', 'x')).rejects.toMatchObject({ code: 'file.unwritable' });
  });
});
