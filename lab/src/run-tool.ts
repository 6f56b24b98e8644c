import { spawnSync } from 'node:child_process';
import { Fault } from '@towline/kit';

export interface ToolOptions {
  readonly timeoutMs?: number;
  readonly input?: Buffer;
  readonly directory?: string;
}

const mebibyte = 1024 * 1024;

/**
 * Runs a program of the host to its end, without a shell, and gives what it printed.
 * @throws Fault `lab.tool-failed` with the end of what it complained
 */
export function runTool([program = '', ...argv]: readonly string[], { timeoutMs = 60_000, input, directory }: ToolOptions = {}): Buffer {
  const { status, stdout, stderr, error } = spawnSync(program, argv, {
    timeout: timeoutMs,
    maxBuffer: 256 * mebibyte,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
    ...(directory === undefined ? {} : { cwd: directory }),
  });
  if (error === undefined && status === 0) return stdout;
  const complaint = error?.message ?? stderr.toString().trim().split('\n').slice(-6).join('\n');
  throw new Fault('lab.tool-failed', `${program} ${argv.join(' ')}: ${complaint}`);
}
