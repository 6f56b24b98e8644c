import { write } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Fault, faultCode } from '@towline/kit';

/** Writes to a tty that another stream owns and closes. */
export interface TtyWriter {
  /** Resolves once the kernel took every byte. */
  write(bytes: Uint8Array): Promise<void>;
  /** Gives up what is not written yet; resolves once no write is under way. Never rejects. */
  stop(): Promise<void>;
}

/** A modem that stopped reading fills the tty's buffer: 100 tries of 20 ms, then the port counts as stuck. */
const stuckTries = 100;
const stuckPauseMs = 20;

function writeSome(fd: number, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, (error, written) => (error ? reject(error) : resolve(written)));
  });
}

/**
 * `fs.write` on the descriptor rather than a stream: a read and a write stream of one tty would each set its mode and
 * close it.
 */
export function openTtyWriter(fd: number): TtyWriter {
  let stopped = false;
  let tail: Promise<void> = Promise.resolve();

  async function writeAll(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    for (let tries = 0; rest.length > 0; ) {
      if (stopped) throw new Fault('port.closed', 'the port was closed');
      try {
        rest = rest.subarray(await writeSome(fd, rest));
        tries = 0;
      } catch (error) {
        tries += 1;
        if (faultCode(error) !== 'EAGAIN' || tries >= stuckTries) throw error;
        await wait(stuckPauseMs);
      }
    }
  }

  return {
    write(bytes) {
      const turn = tail.then(() => writeAll(bytes));
      tail = turn.catch(() => undefined);
      return turn;
    },
    stop() {
      stopped = true;
      return tail;
    },
  };
}
