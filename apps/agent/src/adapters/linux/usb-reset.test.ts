import { Fault, manualClock, seededRandom } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { usbReset } from './usb-reset.ts';

const authorized = '/sys/bus/usb/devices/1-1.3/authorized';

/** A host whose device refuses to be configured so many times. */
function host(refusals = 0) {
  const written: string[] = [];
  const notes = new Set<string>();
  let left = refusals;
  const files = {
    read: async () => null,
    async write(path: string, text: string) {
      if (!path.startsWith('/sys/')) return void notes.add(path);
      written.push(`${path}: ${text}`);
      if (text === '1' && left-- > 0) throw new Fault('file.unwritable', 'EPROTO');
    },
    remove: async (path: string) => void notes.delete(path),
  };
  const tree = {
    list: (path: string) => [...notes].filter((note) => note.startsWith(`${path}/`)).map((note) => note.slice(path.length + 1)),
    text: () => null,
    linkName: () => null,
  };
  const clock = manualClock();
  const reset = usbReset({ files, clock, random: seededRandom(3), runDirectory: '/run/towline', tree });
  return { written, notes, clock, reset };
}

describe('a reset of one USB device', () => {
  it('takes its authorization away and gives it back, and touches no other device', async () => {
    const { written, notes, reset } = host();
    expect(await reset.reset('1-1.3')).toEqual({ ok: true });
    expect(written).toEqual([`${authorized}: 0`, `${authorized}: 1`]);
    expect(notes.size).toBe(0);
  });

  it('is tried again when the device cannot be configured at once', async () => {
    const { written, clock, reset } = host(2);
    const outcome = reset.reset('1-1.3');
    await clock.advance(10_000);
    expect(await outcome).toEqual({ ok: true });
    expect(written.filter((line) => line.endsWith('1'))).toHaveLength(3);
  });

  it('that stays without authorization is made good by the next agent', async () => {
    const { written, notes, clock, reset } = host(4);
    const outcome = reset.reset('1-1.3');
    await clock.advance(30_000);
    expect(await outcome).toMatchObject({ ok: false, failure: { code: 'host.not-permitted' } });
    expect(notes.size).toBe(1);
    await reset.makeGood();
    expect(written.at(-1)).toBe(`${authorized}: 1`);
    expect(notes.size).toBe(0);
  });

  it.each(['usb1', '1-0:1.0', '../1-1', ''])('is not done for %s, which is no device', async (path) => {
    const { written, reset } = host();
    expect(await reset.reset(path)).toMatchObject({ ok: false });
    expect(written).toEqual([]);
  });
});
