import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { processClaims, startOf } from './process-claims.ts';

const directories: string[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) await ended(child);
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'towline-claims-'));
  directories.push(directory);
  return directory;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Another process that lives, and the file by which it claims `thing`. */
function otherProcess(): { readonly child: ChildProcess; readonly pid: number; readonly file: string } {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  children.push(child);
  const pid = child.pid ?? 0;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  return { child, pid, file: `thing.claim-${boot}-${pid}-${startOf(readFileSync(`/proc/${pid}/stat`, 'utf8'))}` };
}

describe('claims of processes', () => {
  it('gives a thing that nobody holds, and lets go of it', () => {
    const directory = freshDirectory();
    const claiming = processClaims(directory).claim('thing');
    expect(readdirSync(directory)).toHaveLength(1);
    if (claiming.ok) claiming.release();
    expect(claiming.ok).toBe(true);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('refuses what a living process holds, names it, and leaves nothing behind', () => {
    const directory = freshDirectory();
    const { pid, file } = otherProcess();
    writeFileSync(join(directory, file), '');
    expect(processClaims(directory).claim('thing')).toEqual({ ok: false, pid });
    expect(processClaims(directory).holder('thing')).toBe(pid);
    expect(readdirSync(directory)).toEqual([file]);
  });

  it('takes over what a dead process held', async () => {
    const directory = freshDirectory();
    const { child, file } = otherProcess();
    await ended(child);
    writeFileSync(join(directory, file), '');
    expect(processClaims(directory).claim('thing').ok).toBe(true);
    expect(readdirSync(directory)).not.toContain(file);
  });

  it('tells a process from an earlier one of the same number, and this boot from another', () => {
    const directory = freshDirectory();
    const { file } = otherProcess();
    writeFileSync(join(directory, file.replace(/\d+$/, '1')), '');
    writeFileSync(join(directory, file.replace(/claim-[^-]+/, 'claim-00000000')), '');
    expect(processClaims(directory).claim('thing').ok).toBe(true);
  });

  it('counts claims on other things for nothing, nor files that are no claims', () => {
    const directory = freshDirectory();
    const { file } = otherProcess();
    writeFileSync(join(directory, file.replace('thing', 'another')), '');
    writeFileSync(join(directory, 'thing.json'), '{}');
    expect(processClaims(directory).claim('thing').ok).toBe(true);
  });

  it('finds no holder where there is no directory', () => {
    expect(processClaims('/nonexistent').holder('thing')).toBeNull();
  });

  it('reads the start of a process whatever it is called, and of none that has ended', () => {
    const rest = '1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 145014 3133440';
    expect(startOf(`8222 (a (b) c) S ${rest}`)).toBe('145014');
    expect(startOf(`8222 (cat) Z ${rest}`)).toBeNull();
  });
});
