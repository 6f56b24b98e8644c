import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Answer, Request } from '../guest/channel-messages.ts';

type Start = Extract<Request, { kind: 'start' }>;
type Send = (answer: Answer) => void;

/** More than that of one program's output is nothing that a story reads. */
const keptCharacters = 1_000_000;

/** Programs that run in the guest by order of the host. */
export interface Programs {
  start(request: Start): void;
  signal(id: number, signal: NodeJS.Signals): void;
}

function collect(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (part: string) => {
    if (text.length < keptCharacters) text += part;
  });
  return () => text;
}

export function createPrograms(send: Send): Programs {
  const running = new Map<number, ChildProcess>();

  /** The whole group: a program may have started others. */
  function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // ESRCH: it is gone.
    }
  }

  function start({ id, argv: [program = '', ...argv], environment, byLine, timeoutMs }: Start): void {
    const child = spawn(program, argv, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
    running.set(id, child);
    let isTimedOut = false;
    const end = () => {
      isTimedOut = true;
      signalGroup(child, 'SIGKILL');
    };
    const timer = timeoutMs === null ? null : setTimeout(end, timeoutMs);
    const byLines = (stream: Readable, name: 'out' | 'err') => {
      createInterface({ input: stream }).on('line', (text) => send({ kind: 'line', id, stream: name, text }));
      return () => '';
    };
    const out = byLine ? byLines(child.stdout, 'out') : collect(child.stdout);
    const err = byLine ? byLines(child.stderr, 'err') : collect(child.stderr);
    child.once('error', (error) => send({ kind: 'failed', id, reason: error.message }));
    // "exit" may come before the last output; "close" waits for pipes that a daemon left behind may hold for ever.
    child.once(byLine ? 'exit' : 'close', (code, signal) => {
      if (timer) clearTimeout(timer);
      running.delete(id);
      send({ kind: 'ended', id, code, signal, isTimedOut, out: out(), err: err() });
    });
  }

  return {
    start,
    signal(id, signal) {
      const child = running.get(id);
      if (child) signalGroup(child, signal);
    },
  };
}
