import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface NativeServiceOptions {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly logFile: string;
}

/** A command of infra/, run on this machine as it stands there. */
export class NativeService {
  readonly #child: ChildProcess;
  readonly #logFile: string;

  constructor({ command: [program = '', ...words], environment, directory, logFile }: NativeServiceOptions) {
    const log = openSync(logFile, 'a');
    // Nothing of our own environment but where programs are: what a service needs must stand in its file.
    const env = { PATH: process.env.PATH, ...environment };
    this.#child = spawn(program, words, { cwd: directory, env, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#logFile = logFile;
  }

  get log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  /** Exit status; waits until it has ended. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }

  /** Asks it to end as a service manager does. @returns its exit status. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.ended();
  }
}
