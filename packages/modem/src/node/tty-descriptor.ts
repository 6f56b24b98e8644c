import { closeSync, constants, openSync, readdirSync, readlinkSync } from 'node:fs';
import { ReadStream } from 'node:tty';

/** A tty that is open twice: Node's stream for reading, and our own descriptor for writing. */
export interface OpenTty {
  readonly fd: number;
  readonly input: ReadStream;
  /** Closes our descriptor. The stream closes its own. */
  release(): void;
}

function linkOf(fd: string): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // The descriptor of the listing itself is gone by now.
    return null;
  }
}

function openCount(fd: number): number {
  const device = linkOf(String(fd));
  return readdirSync('/proc/self/fd').filter((other) => linkOf(other) === device).length;
}

/**
 * `O_NONBLOCK` and `O_NOCTTY`: opening must neither wait for a carrier nor make the modem our terminal. USB modems ignore
 * the speed, so none is set.
 * libuv opens the tty once more for its stream (src/unix/tty.c) and never closes the descriptor it was given: a leak that
 * would also keep DTR up, so that a modem never sees us hang up. When it could not, the stream owns our descriptor and
 * closing it twice would hit whatever got its number next; the number of open descriptors tells which.
 */
export function openTty(path: string): OpenTty {
  const fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  try {
    const before = openCount(fd);
    const input = new ReadStream(fd);
    const isOurs = openCount(fd) > before;
    input.setRawMode(true);
    return {
      fd,
      input,
      release() {
        if (isOurs) closeSync(fd);
      },
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
