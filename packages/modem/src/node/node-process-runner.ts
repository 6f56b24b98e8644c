import { type ChildProcess, spawn } from 'node:child_process';
import { faultCode } from '@towline/kit';
import { createListeners } from '../listeners.ts';
import type { Argv, ProcessEnd, ProcessOutcome, ProcessRunner, ProcessRunOptions, RunningProcess } from '../ports.ts';
import { boundedText, lineFeed } from './process-output.ts';

/** The tools are read by their English text, and find their like in the usual places whatever started the agent. */
const environment = { LC_ALL: 'C', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

/** A group of its own, so that what a tool starts (chat, qmi-proxy's like) ends with it. */
function launch([program, ...args]: Argv, env?: Readonly<Record<string, string>>): ChildProcess {
  return spawn(program, args, { detached: true, shell: false, stdio: ['ignore', 'pipe', 'pipe'], env: { ...environment, ...env } });
}

function signalGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: all of the group ended by itself.
    if (faultCode(error) !== 'ESRCH') throw error;
  }
}

function endOf(code: number | null, signal: string | null): ProcessEnd {
  return code === null ? { kind: 'killed', signal: signal ?? 'unknown' } : { kind: 'exited', code };
}

/** `exit` rather than `close`: a daemon that a tool left behind keeps the pipes open for ever. */
function endingOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not-started', reason: faultCode(error) }));
    child.once('exit', (code, signal) => resolve(endOf(code, signal)));
  });
}

/** What is still in the pipes of a process that ended, for a moment at most. */
function drained(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 200);
    child.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Node throws for some reasons why a process cannot start (ENOMEM, E2BIG) and tells others (ENOENT, EAGAIN) as an event. */
function launched(argv: Argv, env?: ProcessRunOptions['env']): ChildProcess | string {
  try {
    return launch(argv, env);
  } catch (error) {
    return faultCode(error);
  }
}

async function run(argv: Argv, { timeoutMs, maxOutputBytes, env }: ProcessRunOptions): Promise<ProcessOutcome> {
  const child = launched(argv, env);
  if (typeof child === 'string') return { end: { kind: 'not-started', reason: child }, stdout: '', stderr: '' };
  const stdout = boundedText(child.stdout, maxOutputBytes);
  const stderr = boundedText(child.stderr, maxOutputBytes);
  const rest = drained(child);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    signalGroup(child, 'SIGKILL');
  }, timeoutMs);
  const end = await endingOf(child);
  clearTimeout(timer);
  if (end.kind !== 'not-started') await rest;
  child.stdout?.destroy();
  child.stderr?.destroy();
  return { end: timedOut ? { kind: 'timed-out' } : end, stdout: stdout(), stderr: stderr() };
}

function tellerOf(ended: Promise<ProcessEnd>): RunningProcess['onEnd'] {
  return (listen) => {
    let wanted = true;
    ended.then((end) => wanted && listen(end)).catch(() => undefined);
    return () => {
      wanted = false;
    };
  };
}

/** As a process that ended before it began. */
function neverStarted(reason: string): RunningProcess {
  const end: ProcessEnd = { kind: 'not-started', reason };
  return { onLine: () => () => {}, onEnd: tellerOf(Promise.resolve(end)), stop: async () => end };
}

function start(argv: Argv): RunningProcess {
  const child = launched(argv);
  if (typeof child === 'string') return neverStarted(child);
  const lines = createListeners<string>();
  lineFeed(child.stdout, lines.tell);
  lineFeed(child.stderr, lines.tell);
  const rest = drained(child);
  let over = false;
  const ended = endingOf(child).then(async (end) => {
    over = true;
    // Whatever it left behind in its group: pppd's chat, say.
    signalGroup(child, 'SIGKILL');
    if (end.kind !== 'not-started') await rest;
    child.stdout?.destroy();
    child.stderr?.destroy();
    return end;
  });
  return {
    onLine: lines.add,
    onEnd: tellerOf(ended),
    async stop(graceMs) {
      // The number of a group that is over may be another's by now.
      if (over) return ended;
      signalGroup(child, 'SIGTERM');
      const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
      const end = await ended;
      clearTimeout(timer);
      return end;
    },
  };
}

/** Runs tools as child processes: by argv, in a group of their own, with bounded output. */
export function createNodeProcessRunner(): ProcessRunner {
  return { run, start };
}
