import { closeSync, constants, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { type Cancel, Fault, faultCode } from '@towline/kit';
import type { SerialPort, SerialPorts } from '../ports.ts';
import { openTtyWriter, type TtyWriter } from './tty-writer.ts';

/**
 * Ttys by Node's standard library alone. `O_NONBLOCK` and `O_NOCTTY`: opening must neither wait for a carrier nor
 * make the modem our terminal. USB modems ignore the speed, so none is set.
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
  const dataListeners = new Set<(bytes: Uint8Array) => void>();
  const closeListeners = new Set<(reason: string) => void>();
  let closedBy: string | undefined;

  function end(reason: string): void {
    if (closedBy !== undefined) return;
    closedBy = reason;
    writer.stop();
    input.destroy();
    for (const listen of closeListeners) listen(reason);
    closeListeners.clear();
    dataListeners.clear();
  }

  input.on('data', (chunk: Uint8Array | string) => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk;
    for (const listen of dataListeners) listen(bytes);
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
    onData: (listen) => subscribe(dataListeners, listen),
    onClose: (listen) => subscribe(closeListeners, listen),
    async close() {
      if (closedBy !== undefined) return;
      const gone = new Promise<void>((resolve) => input.once('close', () => resolve()));
      end('closed');
      await gone;
    },
  };
}

function subscribe<Listener>(listeners: Set<Listener>, listen: Listener): Cancel {
  listeners.add(listen);
  return () => {
    listeners.delete(listen);
  };
}
