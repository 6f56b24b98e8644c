import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { waitUntil } from '@towline/demo';

/** What one pasted block gave. */
export interface PasteOutcome {
  readonly output: string;
  readonly status: number;
}

/** One bash into which blocks are pasted, as a person does: what one block sets, the next one has. */
export class ShellSession {
  readonly #shell: ChildProcessWithoutNullStreams;
  #output = '';

  constructor(directory: string) {
    this.#shell = spawn('bash', ['-s'], { cwd: directory });
    for (const stream of [this.#shell.stdout, this.#shell.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        this.#output += text;
      });
    }
  }

  /** Pastes a block and waits until it has run. */
  async paste(block: string, timeoutMs = 90_000): Promise<PasteOutcome> {
    this.#output = '';
    this.#shell.stdin.write(`${block}\necho "[status $?]"\n`);
    const ending = await waitUntil('the pasted block to end', () => /\[status (\d+)\]\n$/.exec(this.#output), { timeoutMs });
    return { output: this.#output.slice(0, ending.index), status: Number(ending[1]) };
  }

  async end(): Promise<void> {
    this.#shell.stdin.end();
    if (this.#shell.exitCode === null) await once(this.#shell, 'exit');
  }
}
