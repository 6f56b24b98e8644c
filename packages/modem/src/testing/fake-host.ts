import { Fault } from '@towline/kit';
import { createListeners } from '../listeners.ts';
import type { Argv, HostFiles, ProcessEnd, ProcessOutcome, ProcessRunner, RunningProcess } from '../ports.ts';

export const exited = (code: number, stdout = '', stderr = ''): ProcessOutcome => ({ end: { kind: 'exited', code }, stdout, stderr });
export const hung: ProcessOutcome = { end: { kind: 'timed-out' }, stdout: '', stderr: '' };
export const missing: ProcessOutcome = { end: { kind: 'not-started', reason: 'ENOENT' }, stdout: '', stderr: '' };

/** A long-lived process of a test, which decides what it says and when it ends. */
export interface FakeProcess {
  readonly argv: Argv;
  /** How it was stopped, in ms of grace; null: it was not. */
  readonly stoppedWith: () => number | null;
  say(line: string): void;
  end(end: ProcessEnd): void;
}

export interface FakeTools extends ProcessRunner {
  /** Every command line, oldest first. */
  readonly ran: readonly string[];
  readonly started: readonly FakeProcess[];
}

function fakeProcess(argv: Argv): { readonly control: FakeProcess; readonly process: RunningProcess } {
  const lines = createListeners<string>();
  const ends = createListeners<ProcessEnd>();
  let ended: ProcessEnd | null = null;
  let grace: number | null = null;
  const finish = (end: ProcessEnd): void => {
    if (ended) return;
    ended = end;
    ends.tell(end);
  };
  return {
    control: { argv, stoppedWith: () => grace, say: lines.tell, end: finish },
    process: {
      onLine: lines.add,
      onEnd(listen) {
        if (ended) listen(ended);
        return ends.add(listen);
      },
      async stop(graceMs) {
        grace = graceMs;
        finish({ kind: 'exited', code: 5 });
        return ended ?? { kind: 'exited', code: 5 };
      },
    },
  };
}

/** Tools that answer as a test wants. */
export function fakeTools(answer: (argv: Argv) => ProcessOutcome): FakeTools {
  const ran: string[] = [];
  const started: FakeProcess[] = [];
  return {
    ran,
    started,
    async run(argv) {
      ran.push(argv.join(' '));
      return answer(argv);
    },
    start(argv) {
      ran.push(argv.join(' '));
      const { control, process } = fakeProcess(argv);
      started.push(control);
      return process;
    },
  };
}

export interface FakeFiles extends HostFiles {
  readonly texts: Map<string, string>;
  /** Paths that refuse a write. */
  readonly readOnly: Set<string>;
}

/** Files of a host, in memory. */
export function fakeFiles(texts: Readonly<Record<string, string>> = {}): FakeFiles {
  const held = new Map(Object.entries(texts));
  const readOnly = new Set<string>();
  return {
    texts: held,
    readOnly,
    read: async (path) => held.get(path) ?? null,
    async write(path, text) {
      if (readOnly.has(path)) throw new Fault('file.unwritable', path);
      held.set(path, text);
    },
    remove: async (path) => void held.delete(path),
  };
}
