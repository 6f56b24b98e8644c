import { once } from 'node:events';
import { connect } from 'node:net';
import { faultCode } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { bench } from '../testing/bench.ts';
import { createUsbModem } from '../usb/usb-modem.ts';
import { startUsbipServer } from './usbip-server.ts';

const importRequest = Buffer.concat([Buffer.from('0111800300000000', 'hex'), Buffer.from('1-1'.padEnd(32, '\0'))]);

async function withServer(run: (port: number, modem: ReturnType<typeof createUsbModem>) => Promise<void>): Promise<void> {
  const usb = createUsbModem({ busId: '1-1', modem: bench('ec200a').modem });
  const server = await startUsbipServer({ modems: [usb], port: 0 });
  try {
    await run(server.port, usb);
  } finally {
    await server.close();
  }
}

describe('a USB/IP server', () => {
  it('gives a modem to a client, and closes the socket when the modem is pulled out', async () => {
    await withServer(async (port, usb) => {
      const socket = connect(port, '127.0.0.1');
      socket.write(importRequest);
      const [reply] = await once(socket, 'data');
      expect(reply).toHaveLength(320);
      usb.unplug();
      await once(socket, 'close');
    });
  });

  it('ends only the connection that talks nonsense', async () => {
    await withServer(async (port) => {
      const good = connect(port, '127.0.0.1');
      good.write(importRequest);
      await once(good, 'data');
      const bad = connect(port, '127.0.0.1');
      bad.write('GET / HTTP/1.1\r\n\r\n');
      await once(bad, 'close');
      expect(good.destroyed).toBe(false);
      good.destroy();
    });
  });

  it('says so when the port is taken', async () => {
    await withServer(async (port) => {
      expect(await startUsbipServer({ modems: [], port }).catch(faultCode)).toBe('usbip.listen-failed');
    });
  });
});
