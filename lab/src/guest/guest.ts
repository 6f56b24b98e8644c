import { Fault } from '@towline/kit';
import * as z from 'zod/mini';
import { patience } from '../patience.ts';
import type { Answer, Order } from './channel-messages.ts';
import type { ResidentChannel } from './resident-channel.ts';

export interface ProgramResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly isTimedOut: boolean;
  readonly out: string;
  readonly err: string;
}

/** A program that keeps running in the guest. */
export interface GuestProgram {
  readonly ended: Promise<ProgramResult>;
  signal(name: 'SIGTERM' | 'SIGKILL' | 'SIGINT'): void;
}

/** Where a modem of the USB/IP server goes in the guest. */
export interface ImportPlace {
  /** Of the virtual host controller: each modem has its own. */
  readonly port: number;
  readonly busId: string;
  /** TCP port of the USB/IP server on the host. */
  readonly server: number;
}

/** A booted gateway. Everything asked of it has a bound and ends with a Fault `guest.silent` or `guest.refused` at worst. */
export interface Guest {
  /** Of its kernel, as `uname -r` says. */
  readonly release: string;
  /** Runs a program to its end; 60 s unless told otherwise, more on a busy machine. */
  run(argv: readonly string[], options?: RunOptions): Promise<ProgramResult>;
  start(argv: readonly string[], onLine: (line: string) => void, environment?: Readonly<Record<string, string>>): GuestProgram;
  /** Null when there is no such file. */
  read(path: string): Promise<string | null>;
  write(path: string, text: string): Promise<void>;
  /** Names in a folder, sorted; null when there is none. */
  list(path: string): Promise<string[] | null>;
  /** Tells of every change of a file in a folder from now on: `change NAME` or `rename NAME`. */
  watch(path: string, onChange: (change: string) => void): void;
  /** From now on the modem is on that port whenever it is plugged in. The returned call ends that; a modem that is on its port stays. */
  keepImported(place: ImportPlace, onChange?: (state: 'attached' | 'detached') => void): () => void;
}

export interface RunOptions {
  readonly timeoutMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

const runMs = 60_000;
const fileMs = 20_000;
/** The resident kills at the bound itself; this is for a guest that hangs as a whole. */
const graceMs = 20_000;

const contentOf = (answer: Answer) => (answer.kind === 'content' ? answer.text : null);
const namesSchema = z.array(z.string());

function resultOf(answer: Answer): ProgramResult {
  if (answer.kind === 'ended') return answer;
  throw new Fault('guest.refused', answer.kind === 'failed' ? answer.reason : `unexpected ${answer.kind}`);
}

function startProgram(
  channel: ResidentChannel,
  order: { argv: string[]; environment: Record<string, string> },
  onLine: (line: string) => void,
) {
  let id = 0;
  const ended = new Promise<ProgramResult>((resolve, reject) => {
    id = channel.follow({ kind: 'start', ...order, byLine: true, timeoutMs: null }, (answer) => {
      if (answer.kind === 'line') onLine(answer.text);
      else if (answer.kind === 'ended') resolve(answer);
      else reject(new Fault('guest.refused', answer.kind === 'failed' ? answer.reason : answer.kind));
    });
  });
  // Whoever is interested in the end waits for it; the others hear of it by what they do next.
  ended.catch(() => undefined);
  const signal: GuestProgram['signal'] = (name) => channel.tell(id, { kind: 'signal', signal: name });
  return { ended, signal };
}

/** What stories do in a guest, over the connection of its resident. */
export function guestOver(channel: ResidentChannel): Guest {
  return {
    release: channel.release,
    async run(argv, { timeoutMs = patience(runMs), environment = {} } = {}) {
      const order: Order = { kind: 'start', argv: [...argv], environment: { ...environment }, byLine: false, timeoutMs };
      return resultOf(await channel.ask(order, timeoutMs + graceMs));
    },
    start: (argv, onLine, environment = {}) => startProgram(channel, { argv: [...argv], environment: { ...environment } }, onLine),
    read: async (path) => contentOf(await channel.ask({ kind: 'read', path }, fileMs)),
    async write(path, text) {
      await channel.ask({ kind: 'write', path, text }, fileMs);
    },
    async list(path) {
      const text = contentOf(await channel.ask({ kind: 'list', path }, fileMs));
      return text === null ? null : namesSchema.parse(JSON.parse(text));
    },
    watch(path, onChange) {
      channel.follow({ kind: 'watch', path }, (answer) => {
        if (answer.kind === 'line') onChange(answer.text);
      });
    },
    keepImported(place, onChange = () => undefined) {
      const id = channel.follow({ kind: 'import', ...place }, (answer) => {
        if (answer.kind === 'attached' || answer.kind === 'detached') onChange(answer.kind);
      });
      return () => channel.tell(id, { kind: 'stop-import' });
    },
  };
}
