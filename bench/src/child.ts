import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Fault } from '@towline/kit';
import type * as z from 'zod';

/** Starts another module of the benchmark as a process of its own. @param execArgv more words for Node */
export function startChild(module: string, from: string, execArgv: readonly string[] = []): ChildProcess {
  return fork(fileURLToPath(new URL(module, from)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [...process.execArgv, ...execArgv],
  });
}

/** Its next message. @throws Fault `bench.child-ended` when it ends before. */
export async function nextMessage<Shape extends z.ZodType>(child: ChildProcess, shape: Shape): Promise<z.infer<Shape>> {
  const message: unknown = await Promise.race([
    once(child, 'message').then(([first]) => first),
    once(child, 'exit').then(([code]) => {
      throw new Fault('bench.child-ended', `a process of the benchmark ended with ${code}`);
    }),
  ]);
  return shape.parse(message);
}

/** Asks a child to end and waits until it has. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
