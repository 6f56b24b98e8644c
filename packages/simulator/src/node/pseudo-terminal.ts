import { closeSync, readSync, writeSync } from 'node:fs';
import { type Cancel, type Clock, faultCode } from '@towline/kit';
import { unlockedPty } from './unlock-pty.ts';

export interface PseudoTerminalEvents {
  /** Bytes that the opener wrote. */
  data(bytes: Uint8Array): void;
  /** The last process that had the slave open closed it: what a drop of DTR tells a modem. */
  hungUp(): void;
}

/** The master of a PTY, whose slave another process opens as if it were a modem's tty. */
export interface PseudoTerminal {
  /** `/dev/pts/N`, raw and without echo. */
  readonly path: string;
  /** Bytes for the opener. While 64 kB wait that nobody reads, more are dropped, as a full modem buffer drops them. */
  write(bytes: Uint8Array): void;
  /** The opener sees an unplugged device. */
  close(): void;
}

const busyMs = 2;
const idleMs = 15;
const boundBytes = 65_536;

/**
 * Polls its master instead of wrapping it in a stream: a stream ends for good with the EIO that says "nobody has the
 * slave open", and it is exactly that edge, seen again and again, which stands for DTR.
 */
class PolledPseudoTerminal implements PseudoTerminal {
  readonly path: string;
  readonly #master: number;
  readonly #clock: Clock;
  readonly #events: PseudoTerminalEvents;
  readonly #buffer = new Uint8Array(4_096);
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #wasOpen = false;
  #next: Cancel | null = null;
  #closed = false;

  constructor(clock: Clock, events: PseudoTerminalEvents) {
    const { master, slavePath } = unlockedPty();
    this.#master = master;
    this.path = slavePath;
    this.#clock = clock;
    this.#events = events;
    this.#arm(idleMs);
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || this.#waitingBytes + bytes.length > boundBytes) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#flush();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#next?.();
    closeSync(this.#master);
  }

  #arm(delayMs: number): void {
    this.#next = this.#clock.schedule(delayMs, () => this.#poll());
  }

  #poll(): void {
    this.#flush();
    const heard = this.#drain();
    if (!this.#closed) this.#arm(heard || this.#waiting.length > 0 ? busyMs : idleMs);
  }

  /** Reads all there is; true when there was something. */
  #drain(): boolean {
    let heard = false;
    while (!this.#closed) {
      const outcome = this.#readOnce();
      if (outcome === 'nothing') return heard;
      if (outcome === 'hung-up') {
        this.#sawHangUp();
        return heard;
      }
      heard = true;
      this.#wasOpen = true;
      this.#events.data(outcome);
    }
    return heard;
  }

  #readOnce(): Uint8Array | 'nothing' | 'hung-up' {
    try {
      const length = readSync(this.#master, this.#buffer, 0, this.#buffer.length, null);
      return length === 0 ? 'nothing' : this.#buffer.slice(0, length);
    } catch (error) {
      const code = faultCode(error);
      if (code === 'EAGAIN') return 'nothing';
      if (code === 'EIO') return 'hung-up';
      throw error;
    }
  }

  #sawHangUp(): void {
    if (!this.#wasOpen) return;
    this.#wasOpen = false;
    this.#events.hungUp();
  }

  #flush(): void {
    while (this.#waiting[0]) {
      const [head] = this.#waiting;
      const written = this.#writeOnce(head);
      this.#waitingBytes -= written;
      if (written === head.length) this.#waiting.shift();
      else {
        this.#waiting[0] = head.subarray(written);
        return;
      }
    }
  }

  #writeOnce(bytes: Uint8Array): number {
    try {
      return writeSync(this.#master, bytes);
    } catch (error) {
      const code = faultCode(error);
      if (code === 'EAGAIN') return 0;
      // Nobody has the slave open: the bytes are lost, as on a port that nobody listens to.
      if (code === 'EIO') return bytes.length;
      throw error;
    }
  }
}

/** @throws Fault `pty.no-ptmx`, `pty.no-perl`, `pty.unlock-failed` */
export function openPseudoTerminal(clock: Clock, events: PseudoTerminalEvents): PseudoTerminal {
  return new PolledPseudoTerminal(clock, events);
}
