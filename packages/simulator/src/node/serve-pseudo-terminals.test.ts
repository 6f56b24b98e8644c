import { closeSync, constants, existsSync, mkdtempSync, openSync, readlinkSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReadStream } from 'node:tty';
import { type Clock, seededRandom } from '@towline/kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSimulatedModem, type SimulatedModem } from '../modem/simulated-modem.ts';
import { simulatedSim } from '../modem/simulated-sim.ts';
import { createDeframer, type PppPacket } from '../ppp/hdlc.ts';
import { pppProtocols } from '../ppp/ppp-peer.ts';
import { benchNetwork, imsi } from '../testing/bench.ts';
import { type ServedModem, servePseudoTerminals } from './serve-pseudo-terminals.ts';

const realClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Opens a tty as an agent does. */
function openTty(path: string) {
  const fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const stream = new ReadStream(fd);
  let heard = '';
  let gone = false;
  stream.setRawMode(true);
  stream.on('data', (bytes) => {
    heard += bytes.toString('latin1');
  });
  stream.on('error', () => undefined);
  stream.on('close', () => {
    gone = true;
  });
  return {
    write: (text: string) => writeSync(fd, text),
    heard: () => heard,
    gone: () => gone,
    // libuv opens the tty anew for its stream and leaves the first descriptor to whoever opened it.
    close() {
      stream.destroy();
      closeSync(fd);
    },
  };
}

describe('a modem on pseudo terminals', () => {
  let directory: string;
  let modem: SimulatedModem;
  let served: ServedModem;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'towline-pty-'));
    // Its boot takes 15 s; time runs a hundred times faster for the modem itself.
    const fastClock: Clock = { ...realClock, schedule: (delayMs, run) => realClock.schedule(delayMs / 100, run) };
    modem = createSimulatedModem({
      model: 'ec25',
      imei: '490154203237518',
      network: benchNetwork(),
      sim: simulatedSim({ iccid: '8900101000000000071', imsi }),
      clock: fastClock,
      random: seededRandom(3),
    });
    served = servePseudoTerminals(modem, { clock: realClock, directory: join(directory, 'modem') });
  });

  afterEach(() => {
    served.close();
    rmSync(directory, { recursive: true });
  });

  it('answers another opener, byte for byte', async () => {
    const tty = openTty(served.atPath);
    tty.write('ATE0\r');
    await vi.waitFor(() => expect(tty.heard()).toBe('ATE0\r\r\nOK\r\n'));
    tty.write('AT+CGMM\r');
    await vi.waitFor(() => expect(tty.heard()).toBe('ATE0\r\r\nOK\r\n\r\nEC25\r\n\r\nOK\r\n'));
    tty.close();
  });

  it('is seen unplugged on a reset and comes back under the same link', async () => {
    const tty = openTty(served.atPath);
    const before = readlinkSync(served.atPath);
    tty.write('AT+CFUN=1,1\r');
    await vi.waitFor(() => expect(tty.gone()).toBe(true));
    await vi.waitFor(() => expect(existsSync(served.atPath)).toBe(true));
    expect(readlinkSync(served.atPath)).toMatch(/^\/dev\/pts\/\d+$/);
    expect(before).toMatch(/^\/dev\/pts\/\d+$/);
    const again = openTty(served.atPath);
    again.write('AT\r');
    await vi.waitFor(() => expect(again.heard()).toContain('AT\r\r\nOK\r\n'));
    again.close();
  });

  it('ends a call when the opener closes the port, time after time', async () => {
    for (const _turn of [1, 2]) {
      const tty = openTty(served.pppPath);
      tty.write('ATD*99#\r');
      await vi.waitFor(() => expect(tty.heard()).toContain('CONNECT'));
      expect(modem.state.running.pppCall).toEqual({ contextId: 1, role: 'ppp' });
      tty.close();
      await vi.waitFor(() => expect(modem.state.running.pppCall).toBeNull());
    }
  });

  it('carries binary frames to the opener unchanged', async () => {
    const tty = openTty(served.pppPath);
    tty.write('ATD*99#\r');
    const packets: PppPacket[] = [];
    await vi.waitFor(() => {
      packets.length = 0;
      const [, data = ''] = tty.heard().split('CONNECT 150000000\r\n');
      createDeframer((packet) => packets.push(packet)).receive(Buffer.from(data, 'latin1'));
      expect(packets[0]?.protocol).toBe(pppProtocols.lcp);
    });
    tty.close();
  });
});
