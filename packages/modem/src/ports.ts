import type { Cancel } from '@towline/kit';

/** One open tty of a modem, raw and binary clean. */
export interface SerialPort {
  readonly path: string;
  /** @throws Fault `port.closed` once the port is gone. */
  write(bytes: Uint8Array): Promise<void>;
  onData(listen: (bytes: Uint8Array) => void): Cancel;
  /** Called once: the modem was unplugged, or the port failed or was closed. */
  onClose(listen: (reason: string) => void): Cancel;
  close(): Promise<void>;
}

/** Opens ttys. */
export interface SerialPorts {
  /** @throws Fault `port.open-failed` with the system's code as cause. */
  open(path: string): Promise<SerialPort>;
}

/** A program and its arguments. Nothing of it ever passes through a shell. */
export type Argv = readonly [program: string, ...args: string[]];

/** How a process came to its end. */
export type ProcessEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  /** Its bound ran out and it was killed. */
  | { readonly kind: 'timed-out' }
  /** `reason` is the system's code: `ENOENT` for a program that is not installed. */
  | { readonly kind: 'not-started'; readonly reason: string };

export interface ProcessRunOptions {
  readonly timeoutMs: number;
  /** Of standard output and of standard error each; what is more is dropped. */
  readonly maxOutputBytes: number;
  /** Added to the runner's own small environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ProcessOutcome {
  readonly end: ProcessEnd;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that lives on, as pppd does. */
export interface RunningProcess {
  /** A line of standard output or standard error, without its end. */
  onLine(listen: (line: string) => void): Cancel;
  /** Called once; at once for a process that ended before. */
  onEnd(listen: (end: ProcessEnd) => void): Cancel;
  /** TERM; after `graceMs` KILL. Both go to the whole process group. Resolves once it ended; idempotent. */
  stop(graceMs: number): Promise<ProcessEnd>;
}

/** Runs the stock tools of the host (qmicli, mbimcli, pppd, ip). Never throws for what a process may do. */
export interface ProcessRunner {
  /** Runs to the end, within the bound. */
  run(argv: Argv, options: ProcessRunOptions): Promise<ProcessOutcome>;
  /** Starts and lets live. Its lines and its end are told. */
  start(argv: Argv): RunningProcess;
}

/** Small text files of the host: sysfs, and what is remembered in RAM under /run. */
export interface HostFiles {
  /**
   * The text, at most 64 KiB of it; null where there is no such file.
   * @throws Fault `file.unreadable` for anything else.
   */
  read(path: string): Promise<string | null>;
  /**
   * Writes in place, which is what sysfs wants; missing folders are made.
   * @param readers who may read a new file and its folder: left out, their owner only
   * @throws Fault `file.unwritable`.
   */
  write(path: string, text: string, readers?: 'everybody'): Promise<void>;
  /** Idempotent. */
  remove(path: string): Promise<void>;
}
