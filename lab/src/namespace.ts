import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Fault } from '@towline/kit';
import { runTool } from './run-tool.ts';

const marker = 'LAB_OF_TOWLINE_INSIDE';
const endMs = 20_000;

/** The process that this run began with, as the host counts; null where we do not run in the namespaces of a lab. */
export function runPid(): number | null {
  const pid = process.env[marker];
  return pid === undefined ? null : Number(pid);
}

/** Disconnecting asks it to end; the kernel ends everything in its process namespace with it. */
function endOf(child: ChildProcess): void {
  if (child.connected) child.disconnect();
  setTimeout(() => child.kill('SIGKILL'), endMs).unref();
}

/**
 * Runs this program again in a network namespace of its own, where every port is free and nothing reaches the outside, and in a process namespace
 * of its own, with which the kernel ends everything that was started in it, however we end. Gives its exit status;
 * `onMessage` hears what it tells by `tellOutside` before.
 * @throws Fault `lab.not-root`, `lab.no-namespace`
 */
export async function runInside(argv: readonly string[], onMessage: (message: unknown) => void = () => undefined): Promise<number> {
  if (process.getuid?.() !== 0) throw new Fault('lab.not-root', 'the lab needs root for a network namespace of its own: run it with sudo');
  const namespaces = ['--net', '--pid', '--mount-proc', '--fork', '--kill-child'];
  const program = [process.execPath, '--enable-source-maps', fileURLToPath(new URL('main.js', import.meta.url)), ...argv];
  // The channel tells those inside that we are gone, killed even: unshare itself takes no signal while it waits.
  const child = spawn('unshare', [...namespaces, ...program], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [marker]: String(process.pid) },
  });
  child.on('message', onMessage);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => endOf(child));
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Fault('lab.no-namespace', 'unshare cannot be started', { cause })));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Called once when this run is to end early: the one outside was told to, or is gone. */
export function onEndAsked(end: () => void): void {
  process.once('disconnect', end);
  // Ctrl-C reaches the whole foreground group; whoever is outside disconnects.
  process.on('SIGINT', () => undefined);
}

/** Tells the one outside something, as JSON. */
export function tellOutside(message: object): void {
  process.send?.(message);
}

/** The namespace begins with a loopback interface that is down. */
export function bringLoopbackUp(): void {
  runTool(['ip', 'link', 'set', 'lo', 'up']);
}
