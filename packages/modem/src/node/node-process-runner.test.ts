import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ProcessEnd } from '../ports.ts';
import { createNodeProcessRunner } from './node-process-runner.ts';

const bounds = { timeoutMs: 10_000, maxOutputBytes: 10_000 };
const tools = createNodeProcessRunner();

/** Processes whose command line holds a word that only one test uses. */
function alive(word: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(word);
    } catch {
      return false;
    }
  }).length;
}

async function until(condition: () => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (!condition()) return;
      clearInterval(timer);
      resolve();
    }, 5);
  });
}

describe('running a tool', () => {
  it('gives both streams and the exit code', async () => {
    const outcome = await tools.run(['/bin/sh', '-c', 'echo out; echo err >&2; exit 3'], bounds);
    expect(outcome).toEqual({ end: { kind: 'exited', code: 3 }, stdout: 'out\n', stderr: 'err\n' });
  });

  it('hands an argument over as it stands, since no shell looks at it', async () => {
    const argument = `"$(id)" ; 'a' \\ * \n`;
    expect((await tools.run(['printf', '%s', argument], bounds)).stdout).toBe(argument);
  });

  it('tells a program that is not installed', async () => {
    expect((await tools.run(['towline-no-such-tool'], bounds)).end).toEqual({ kind: 'not-started', reason: 'ENOENT' });
  });

  it('tells a program that the kernel refuses to start at all', async () => {
    expect((await tools.run(['printf', 'x'.repeat(4_000_000)], bounds)).end).toEqual({ kind: 'not-started', reason: 'E2BIG' });
  });

  it('kills what hangs together with all that it started', async () => {
    const outcome = await tools.run(['/bin/sh', '-c', 'sleep 61.25 & sleep 61.25'], { ...bounds, timeoutMs: 300 });
    expect(outcome.end).toEqual({ kind: 'timed-out' });
    await until(() => alive('61.25') === 0);
  });

  it('does not wait for a daemon that a tool leaves behind', async () => {
    const outcome = await tools.run(['/bin/sh', '-c', 'echo done; setsid sleep 2.125 &'], { ...bounds, timeoutMs: 1_900 });
    expect(outcome).toMatchObject({ end: { kind: 'exited', code: 0 }, stdout: 'done\n' });
  });

  it('keeps only so much of what a tool says, and lets it end', async () => {
    const outcome = await tools.run(['/bin/sh', '-c', 'head -c 1000000 /dev/zero | tr "\\0" x'], { ...bounds, maxOutputBytes: 100 });
    expect(outcome).toMatchObject({ end: { kind: 'exited', code: 0 }, stdout: 'x'.repeat(100) });
  });

  it('speaks English, whatever the language of the host', async () => {
    expect((await tools.run(['/usr/bin/env'], { ...bounds, env: { TOWLINE: '1' } })).stdout).toMatch(/LC_ALL=C[^]*TOWLINE=1/);
  });
});

describe('a process that lives on', () => {
  it('tells its lines, of both streams, and its end', async () => {
    const child = tools.start(['/bin/sh', '-c', 'echo one; echo two >&2; printf three']);
    const lines: string[] = [];
    child.onLine((line) => lines.push(line));
    const end = await new Promise<ProcessEnd>((resolve) => child.onEnd(resolve));
    expect(end).toEqual({ kind: 'exited', code: 0 });
    expect(lines.toSorted()).toEqual(['one', 'three', 'two']);
    expect(await child.stop(1_000)).toEqual(end);
  });

  it('is asked to end first', async () => {
    const child = tools.start(['/bin/sh', '-c', 'trap "exit 5" TERM; echo ready; while :; do sleep 0.01; done']);
    await new Promise<void>((resolve) => child.onLine(() => resolve()));
    expect(await child.stop(5_000)).toEqual({ kind: 'exited', code: 5 });
  });

  it('is killed when it does not listen', async () => {
    const child = tools.start(['/bin/sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 0.01; done']);
    await new Promise<void>((resolve) => child.onLine(() => resolve()));
    expect(await child.stop(100)).toEqual({ kind: 'killed', signal: 'SIGKILL' });
  });

  it('tells a program that is not installed', async () => {
    const child = tools.start(['towline-no-such-tool']);
    expect(await child.stop(100)).toEqual({ kind: 'not-started', reason: 'ENOENT' });
  });

  it('tells a program that the kernel refuses to start at all, as an end like others', async () => {
    const child = tools.start(['printf', 'x'.repeat(4_000_000)]);
    const end = await new Promise<ProcessEnd>((resolve) => child.onEnd(resolve));
    expect(end).toEqual({ kind: 'not-started', reason: 'E2BIG' });
    expect(await child.stop(100)).toEqual(end);
  });
});
