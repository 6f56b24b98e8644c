import { connect, type Socket } from 'node:net';
import * as z from 'zod/mini';

/** What the virtual host controller needs to know of an imported device. */
export interface ImportedDevice {
  readonly socket: Socket;
  readonly deviceId: number;
  /** enum usb_device_speed of include/uapi/linux/usb/ch9.h. */
  readonly speed: number;
}

/* Documentation/usb/usbip_protocol.rst of Linux. */
const version = 0x0111;
const importRequest = 0x8003;
const importReply = 0x0003;
const headerBytes = 8;
const busIdBytes = 32;
const deviceBytes = 312;
const at = { busNumber: 8 + 256 + 32, deviceNumber: 8 + 256 + 36, speed: 8 + 256 + 40 };

function requestOf(busId: string): Buffer {
  const bytes = Buffer.alloc(headerBytes + busIdBytes);
  bytes.writeUInt16BE(version, 0);
  bytes.writeUInt16BE(importRequest, 2);
  bytes.write(busId, headerBytes, busIdBytes - 1);
  return bytes;
}

/** Not one byte more than the reply may be read: what follows is the kernel's. */
function replyFrom(socket: Socket): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const wanted = headerBytes + deviceBytes;
    const read = () => {
      const header = socket.readableLength >= headerBytes;
      if (!header || socket.readableLength < wanted) return;
      socket.off('readable', read);
      resolve(socket.read(wanted));
    };
    socket.on('readable', read);
    socket.once('end', () => resolve(null));
    socket.once('error', () => resolve(null));
    socket.once('close', () => resolve(null));
  });
}

/**
 * Asks the server for a device and waits until it has it: the server holds its answer back while the modem is not plugged in.
 * Null when the server has no such device now or goes away.
 */
export async function importDevice(
  server: { readonly host: string; readonly port: number },
  { busId, stopped }: { readonly busId: string; readonly stopped: AbortSignal },
): Promise<ImportedDevice | null> {
  const socket = connect(server);
  const stop = () => socket.destroy();
  stopped.addEventListener('abort', stop);
  socket.setNoDelay(true);
  socket.write(requestOf(busId));
  const reply = await replyFrom(socket);
  stopped.removeEventListener('abort', stop);
  if (reply === null || reply.readUInt16BE(2) !== importReply || reply.readUInt32BE(4) !== 0) {
    socket.destroy();
    return null;
  }
  const deviceId = (reply.readUInt32BE(at.busNumber) << 16) | reply.readUInt32BE(at.deviceNumber);
  return { socket, deviceId, speed: reply.readUInt32BE(at.speed) };
}

const withDescriptor = z.object({ _handle: z.object({ fd: z.int() }) });

/** Node tells no socket's descriptor by a public name; the kernel wants it by number. */
export const descriptorOf = (socket: Socket): number => withDescriptor.parse(socket)._handle.fd;
