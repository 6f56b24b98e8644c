import { type ChildProcess, fork } from 'node:child_process';
import { type BackoffPolicy, backoffDelayMs, type Cancel, type Clock, type Random } from '@towline/kit';
import type { ControlPlaneLog } from '../platform/log.ts';

export const roles = ['api', 'edge', 'ticker'] as const;
export type Role = (typeof roles)[number];

export interface ChildOptions {
  readonly role: Role;
  readonly main: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ControlPlaneLog;
}

/** Of Node. The messages of a batch live until its commit: in a young generation of the usual size most of them would be copied twice. */
const flags: Readonly<Record<Role, readonly string[]>> = { api: [], edge: ['--max-semi-space-size=64'], ticker: [] };
const restart: BackoffPolicy = { baseMs: 250, factor: 2, maxMs: 15_000, jitter: 0.3 };
/** One that ran as long as this is not failing at its start. */
const healthyMs = 30_000;
const stopMs = 20_000;

/** One process of the control plane, started again whenever it ends. */
export class SupervisedChild {
  readonly #options: ChildOptions;
  #child: ChildProcess | null = null;
  #failures = 0;
  #startedMs = 0;
  #stopping = false;
  #cancel: Cancel = () => undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  /** Resolves at its first word that it is ready; later lives announce themselves in the log only. */
  start(): Promise<void> {
    return new Promise((resolve) => this.#spawn(resolve));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancel();
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.schedule(stopMs, () => child.kill('SIGKILL'));
      child.once('exit', () => {
        cancel();
        resolve();
      });
      child.kill('SIGTERM');
    });
  }

  #spawn(ready: () => void): void {
    const { role, main, environment, clock } = this.#options;
    const execArgv = [...process.execArgv, ...flags[role]];
    const child = fork(main, [role], { env: environment, execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child = child;
    this.#startedMs = clock.monotonicMs();
    child.once('message', ready);
    child.once('exit', (code, signal) => this.#ended(code ?? signal ?? 'unknown', ready));
    child.on('error', () => undefined);
  }

  #ended(how: number | string, ready: () => void): void {
    if (this.#stopping) return;
    const { role, clock, random, log } = this.#options;
    if (clock.monotonicMs() - this.#startedMs > healthyMs) this.#failures = 0;
    const delayMs = Math.round(backoffDelayMs(restart, this.#failures, random));
    this.#failures += 1;
    log.warn('process.child-ended', { child: role, how, restartInMs: delayMs });
    this.#cancel = clock.schedule(delayMs, () => this.#spawn(ready));
  }
}
