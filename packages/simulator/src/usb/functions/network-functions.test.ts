import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNtbFraming } from '../../ntb/ntb-framing.ts';
import { bench } from '../../testing/bench.ts';
import { setup, usbHost } from '../../testing/usb-host.ts';
import { le32, readLe32 } from '../little-endian.ts';
import { hostMacOf } from '../mac-addresses.ts';
import { silentSides } from '../network-sides.ts';
import { createUsbModem } from '../usb-modem.ts';
import { parseRndisCommand, unwrapFrames, wrapFrame } from './rndis-messages.ts';

/** A module whose Ethernet side says back whatever it hears. */
function echoing() {
  const listeners = new Set<(frame: Uint8Array) => void>();
  const channel = {
    receive(frame: Uint8Array) {
      for (const listen of listeners) listen(frame);
    },
    onFrame(listen: (frame: Uint8Array) => void) {
      listeners.add(listen);
      return () => void listeners.delete(listen);
    },
    close: () => listeners.clear(),
  };
  return { listeners, sides: { ...silentSides, frames: () => channel } };
}

function hostOf(model: string, dataMode: 'ecm' | 'rndis' | 'qmi' | 'ncm' | 'mbim', sides = silentSides) {
  const { modem } = bench(model, { dataMode });
  const usb = createUsbModem({ busId: '1-1', modem, sides });
  const host = usbHost(usb.enumerate());
  host.request(setup(0x00, 9, { value: 1 }));
  return { host, mac: hostMacOf(modem.model, modem.imei) };
}

const frame = Uint8Array.from({ length: 60 }, (_, at) => at);

describe('ECM', () => {
  it('carries frames while the data interface is on, and says that it is connected', () => {
    const { sides, listeners } = echoing();
    const { host } = hostOf('ec200a', 'ecm', sides);
    host.write(0x0c, frame);
    expect(host.read(0x83)).toBeNull();
    host.request(setup(0x01, 11, { value: 1, index: 1 }));
    expect([...(host.read(0x87) ?? [])]).toEqual([0xa1, 0, 1, 0, 0, 0, 0, 0]);
    host.write(0x0c, frame);
    expect(host.read(0x83)).toEqual(frame);
    host.request(setup(0x01, 11, { value: 0, index: 1 }));
    expect(listeners.size).toBe(0);
  });

  it('takes the packet filter and refuses what it does not know', () => {
    const { host } = hostOf('ec200a', 'ecm');
    expect(host.request(setup(0x21, 0x43, { value: 0x0e }))).toHaveLength(0);
    expect(host.request(setup(0x21, 0x40))).toBe('stall');
  });
});

describe('RNDIS', () => {
  const words = (...values: readonly number[]) => Uint8Array.from(values.flatMap(le32));
  const say = (host: ReturnType<typeof usbHost>, message: Uint8Array) => {
    host.request(setup(0x21, 0, { length: message.length }), message);
    expect([...(host.read(0x87) ?? [])]).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
    const answer = host.request(setup(0xa1, 1, { length: 1_025 }));
    return answer instanceof Uint8Array ? answer : new Uint8Array(0);
  };

  it('is brought up as rndis_host does it, then carries frames', () => {
    const { sides } = echoing();
    const { host, mac } = hostOf('ec200a', 'rndis', sides);
    const initialized = say(host, words(2, 24, 7, 1, 0, 2_048));
    expect([readLe32(initialized, 0), readLe32(initialized, 8), readLe32(initialized, 12)]).toEqual([0x8000_0002, 7, 0]);
    const address = say(host, words(4, 76, 8, 0x0101_0101, 48, 20, 0, ...Array.from({ length: 12 }, () => 0)));
    expect(address.slice(24)).toEqual(mac);
    expect(readLe32(say(host, words(4, 28, 9, 0x0001_0202, 0, 20, 0)), 12)).toBe(0xc000_00bb);
    host.write(0x0c, wrapFrame(frame));
    expect(host.read(0x83)).toBeNull();
    expect(readLe32(say(host, words(5, 32, 10, 0x0001_010e, 4, 20, 0, 0x2d)), 12)).toBe(0);
    host.write(0x0c, wrapFrame(frame));
    expect(host.read(0x83)).toEqual(wrapFrame(frame));
    expect(readLe32(say(host, words(8, 12, 11)), 0)).toBe(0x8000_0008);
  });

  it('keeps frames whole, also several in one transfer, and never fails on noise', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 1_514 }), { maxLength: 5 }), (frames) => {
        const transfer = Uint8Array.from(frames.flatMap((one) => [...wrapFrame(one)]));
        expect(unwrapFrames(transfer)).toEqual(frames);
      }),
      { numRuns: 50 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        parseRndisCommand(noise);
        unwrapFrames(noise);
      }),
    );
  });
});

describe('NCM', () => {
  it('negotiates blocks, tells the speed before the connection, and carries frames in blocks', () => {
    const { sides } = echoing();
    const { host } = hostOf('rm520n-gl', 'ncm', sides);
    const parameters = host.request(setup(0xa1, 0x80, { index: 4, length: 28 }));
    expect(parameters instanceof Uint8Array && readLe32(parameters, 4)).toBe(16_384);
    expect(host.request(setup(0x21, 0x86, { index: 4, length: 4 }), Uint8Array.from(le32(4_096)))).toHaveLength(0);
    expect(host.request(setup(0xa1, 0x85, { index: 4, length: 4 }))).toEqual(Uint8Array.from(le32(4_096)));
    expect(host.request(setup(0x21, 0x86, { index: 4, length: 4 }), Uint8Array.from(le32(64)))).toBe('stall');
    expect(host.request(setup(0x21, 0x84, { value: 1, index: 4 }))).toBe('stall');
    host.request(setup(0x01, 11, { value: 1, index: 5 }));
    expect(host.read(0x89)?.[1]).toBe(0x2a);
    expect([...(host.read(0x89) ?? [])].slice(1, 3)).toEqual([0, 1]);
    const framing = createNtbFraming({ kind: 'ethernet' });
    host.write(0x05, framing.wrap(frame));
    expect(framing.unwrap(host.read(0x88) ?? frame)).toEqual([frame]);
    host.write(0x05, frame);
    expect(host.read(0x88)).toBeNull();
  });
});

describe('MBIM', () => {
  it('carries messages by encapsulated commands and packets of session 0 in blocks, once its data interface is on', () => {
    const heard: Uint8Array[] = [];
    let tell: (bytes: Uint8Array) => void = () => undefined;
    const packets = {
      receive: (packet: Uint8Array) => void heard.push(packet),
      onPacket: (listen: (packet: Uint8Array) => void) => {
        tell = listen;
        return () => undefined;
      },
    };
    const { host } = hostOf('em7565', 'mbim', { ...silentSides, mbim: () => ({ ...silentSides.mbim(), packets }) });
    const framing = createNtbFraming({ kind: 'ip', session: 0 });
    host.write(0x04, framing.wrap(frame));
    host.request(setup(0x01, 11, { value: 1, index: 13 }));
    host.write(0x04, framing.wrap(frame));
    host.write(0x04, createNtbFraming({ kind: 'ip', session: 1 }).wrap(frame));
    expect(heard).toEqual([frame]);
    tell(frame);
    expect(framing.unwrap(host.read(0x86) ?? frame)).toEqual([frame]);
    expect(host.request(setup(0x21, 0x05, { index: 12 }))).toHaveLength(0);
    expect(host.request(setup(0x21, 0x00, { index: 12, length: 1 }), Uint8Array.of(1))).toHaveLength(0);
    expect(host.request(setup(0xa1, 0x80, { index: 12, length: 28 }))).toHaveLength(28);
  });
});

describe('a QMI function', () => {
  it('announces each message and gives it when it is fetched; DTR is accepted', () => {
    const heard: Uint8Array[] = [];
    const listeners = new Set<(message: Uint8Array) => void>();
    const peer = {
      receive: (message: Uint8Array) => {
        heard.push(message);
        for (const listen of listeners) listen(Uint8Array.of(1, 2, 3));
      },
      onMessage: (listen: (message: Uint8Array) => void) => {
        listeners.add(listen);
        return () => void listeners.delete(listen);
      },
    };
    const { host } = hostOf('bg96', 'qmi', { ...silentSides, qmi: () => ({ ...silentSides.qmi(), peer }) });
    expect(host.request(setup(0x21, 0x22, { value: 1, index: 4 }))).toHaveLength(0);
    host.request(setup(0x21, 0, { index: 4, length: 2 }), Uint8Array.of(9, 9));
    expect(heard).toEqual([Uint8Array.of(9, 9)]);
    expect([...(host.read(0x89) ?? [])]).toEqual([0xa1, 1, 0, 0, 4, 0, 0, 0]);
    expect(host.request(setup(0xa1, 1, { index: 4, length: 4_096 }))).toEqual(Uint8Array.of(1, 2, 3));
    expect(host.request(setup(0xa1, 1, { index: 4, length: 4_096 }))).toHaveLength(0);
  });
});
