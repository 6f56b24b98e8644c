import { Fault, faultCode } from '@towline/kit';
import { createListeners } from '../listeners.ts';
import type { SerialPort, SerialPorts } from '../ports.ts';
import { type OpenTty, openTty } from './tty-descriptor.ts';
import { openTtyWriter } from './tty-writer.ts';

/**
 * Ttys by Node's standard library alone, no native addon.
 * Node's raw mode still sends CR LF for an LF (libuv sets ONLCR): command lines end in CR and hold no LF, so nothing of
 * ours meets that, and PPP frames are pppd's business.
 */
export function createNodeSerialPorts(): SerialPorts {
  return {
    async open(path) {
      try {
        return createPort(path, openTty(path));
      } catch (cause) {
        throw new Fault('port.open-failed', `${path} did not open: ${faultCode(cause)}`, { cause, details: { path } });
      }
    },
  };
}

function createPort(path: string, tty: OpenTty): SerialPort {
  const { input } = tty;
  const writer = openTtyWriter(tty.fd);
  const received = createListeners<Uint8Array>();
  const ended = createListeners<string>();
  const streamClosed = new Promise<void>((resolve) => input.once('close', () => resolve()));
  let closedBy: string | undefined;
  let released: Promise<unknown> = Promise.resolve();

  function end(reason: string): void {
    if (closedBy !== undefined) return;
    closedBy = reason;
    input.destroy();
    // A write under way must not meet a descriptor that somebody else got meanwhile.
    released = Promise.all([writer.stop().then(() => tty.release()), streamClosed]);
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
      end('closed');
      await released;
    },
  };
}
