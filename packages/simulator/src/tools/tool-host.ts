import type { Clock } from '@towline/kit';
import type { Argv, ProcessOutcome } from '@towline/modem';

/** A stock tool of the host that lives in this process: told its arguments, it talks to the modem and says what it would print. */
export interface SimulatedTool {
  /** Null: the modem did not answer in time, as when it is gone. */
  run(argv: Argv): Promise<ProcessOutcome>;
  /** Ends its listening to the modem. */
  close(): void;
}

export const exited = (code: number, stdout = '', stderr = ''): ProcessOutcome => ({ end: { kind: 'exited', code }, stdout, stderr });

/** What the tools of libqmi and libmbim say of a port that is not there. */
export const noDevice = (kind: 'QmiDevice' | 'MbimDevice'): ProcessOutcome =>
  exited(1, '', `error: couldn't create ${kind}: Couldn't query file info: no such file or directory\n`);

/** Waits for one answer, for so long as the tools of libqmi and libmbim do; null: none came. */
export function awaitAnswer<Answer>(
  clock: Clock,
  timeoutMs: number,
  listen: (answer: (value: Answer) => void) => () => void,
): Promise<Answer | null> {
  return new Promise((resolve) => {
    const end = (value: Answer | null) => {
      cancel();
      unlisten();
      resolve(value);
    };
    const cancel = clock.schedule(timeoutMs, () => end(null));
    const unlisten = listen(end);
  });
}

/** The value of `key=value` among the comma-separated parts of an option, its quotes taken off. */
export function partOf(option: string, key: string): string | null {
  const [, parts = ''] = /^--[a-z-]+=(.*)$/.exec(option) ?? [];
  const found = parts.split(',').find((part) => part.startsWith(`${key}=`));
  return found === undefined ? null : found.slice(key.length + 1).replace(/^"(.*)"$/, '$1');
}
