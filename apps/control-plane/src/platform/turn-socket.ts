import { Socket } from 'node:net';

/**
 * For a pipelined connection: what is asked in one turn of the event loop leaves in one segment. The driver uncorks after each statement,
 * and each write to a socket costs more than most statements do to make.
 */
export class TurnSocket extends Socket {
  override uncork(): void {
    process.nextTick(() => super.uncork());
  }
}
