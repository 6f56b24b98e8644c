import { createServer, type Server, type Socket } from 'node:net';
import { Fault } from '@towline/kit';
import type { UsbModem } from '../usb/usb-modem.ts';
import { type UsbipExports, usbipExports } from '../usbip/usbip-exports.ts';
import { UsbipSession } from '../usbip/usbip-session.ts';

export interface UsbipServerOptions {
  /** Their bus ids differ. */
  readonly modems: readonly UsbModem[];
  /** Without it the loopback: there is no authentication in the protocol. */
  readonly host?: string;
  /** 3240 is the registered port; 0 takes any that is free. */
  readonly port?: number;
}

export interface UsbipServer {
  readonly port: number;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

export const usbipPort = 3_240;
/** A client that fetches nothing any more is cut off rather than kept in memory. */
const unsentBound = 8_388_608;
/** Time to say what is wanted. An import has no bound: it waits for the modem to be plugged in. */
const greetingMs = 10_000;
const connectionBound = 64;

function serve(socket: Socket, exports: UsbipExports): void {
  socket.setNoDelay(true);
  socket.setTimeout(greetingMs);
  const session = new UsbipSession(exports, {
    send(bytes) {
      if (socket.destroyed) return;
      socket.write(bytes);
      if (socket.writableLength > unsentBound) socket.destroy();
    },
    end: () => socket.destroySoon(),
  });
  socket.on('data', (chunk) => {
    session.receive(chunk);
    if (session.importing) socket.setTimeout(0);
  });
  socket.on('timeout', () => socket.destroy());
  // A reset by the client is an unplug like any other.
  socket.on('error', () => socket.destroy());
  socket.on('close', () => session.close());
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Fault('usbip.not-listening', 'the server has no port');
  return address.port;
}

/**
 * Gives modems out over USB/IP, as `vhci_hcd` of a Linux kernel imports them.
 * @throws Fault `usbip.listen-failed` with the system's error as cause
 */
export async function startUsbipServer({ modems, host = '127.0.0.1', port = usbipPort }: UsbipServerOptions): Promise<UsbipServer> {
  const exports = usbipExports(modems);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, exports);
  });
  server.maxConnections = connectionBound;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new Fault('usbip.listen-failed', `cannot listen on ${host}:${port}`, { cause })));
    server.listen(port, host, resolve);
  });
  return {
    port: portOf(server),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
