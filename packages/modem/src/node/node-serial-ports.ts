import { closeSync, constants, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { Fault, faultCode } from '@towline/kit';
import { createListeners } from '../listeners.ts';
import type { SerialPort, SerialPorts } from '../ports.ts';
import { openTtyWriter, type TtyWriter } from './tty-writer.ts';

/**
 * Ttys by Node's standard library alone. `O_NONBLOCK` and `O_NOCTTY`: opening must neither wait for a carrier nor
 * make the modem our terminal. USB modems ignore the speed, so none is set.
 * Node's raw mode still sends CR LF for an LF (libuv sets ONLCR): command lines end in CR and hold no LF, so nothing of
 * ours meets that, and PPP frames are pppd's business.
 */
export function createNodeSerialPorts(): SerialPorts {
  return {
    async open(path) {
      const fd = openTty(path);
      try {
        const input = new ReadStream(fd);
        input.setRawMode(true);
        return createPort(path, input, openTtyWriter(fd));
      } catch (error) {
        closeQuietly(fd);
        throw openFailed(path, error);
      }
    },
  };
}

function openTty(path: string): number {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch (error) {
    throw openFailed(path, error);
  }
}

function openFailed(path: string, cause: unknown): Fault {
  return new Fault('port.open-failed', `${path} did not open: ${faultCode(cause)}`, { cause, details: { path } });
}

function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // It was closed with the stream already: nothing is left to let go of.
  }
}

function createPort(path: string, input: ReadStream, writer: TtyWriter): SerialPort {
  const received = createListeners<Uint8Array>();
  const ended = createListeners<string>();
  let closedBy: string | undefined;

  function end(reason: string): void {
    if (closedBy !== undefined) return;
    closedBy = reason;
    writer.stop();
    input.destroy();
    ended.tell(reason);
  }

  input.on('data', (chunk: Uint8Array | string) => {
    received.tell(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
  });
  // A modem that is unplugged hangs its tty up: EIO, or an end of file.
  input.on('error', (error) => end(faultCode(error)));
  input.on('end', () => end('hang-up'));
  input.on('close', () => end('closed'));

  return {
    path,
    async write(bytes) {
      if (closedBy !== undefined) throw new Fault('port.closed', `${path} is closed: ${closedBy}`);
      try {
        await writer.write(bytes);
      } catch (error) {
        end(faultCode(error));
        throw new Fault('port.closed', `${path} took no bytes: ${faultCode(error)}`, { cause: error });
      }
    },
    onData: received.add,
    onClose: ended.add,
    async close() {
      if (closedBy !== undefined) return;
      const gone = new Promise<void>((resolve) => input.once('close', () => resolve()));
      end('closed');
      await gone;
    },
  };
}
