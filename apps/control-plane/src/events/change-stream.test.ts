import { manualClock } from '@towline/kit';
import { expect, it } from 'vitest';
import type { ChangeListener } from '../platform/change-feed.ts';
import { ChangeStream } from './change-stream.ts';

/** A reader whose socket takes nothing while `slow`. */
function fakeReader() {
  const reader = { text: '', slow: false, ended: false, drain: () => undefined, close: () => undefined };
  return Object.assign(reader, {
    sink: {
      write(text: string) {
        reader.text += text;
        return !reader.slow;
      },
      end: () => {
        reader.ended = true;
      },
      onDrain: (listen: () => void) => Object.assign(reader, { drain: listen }),
      onClose: (listen: () => void) => Object.assign(reader, { close: listen }),
    },
  });
}

function open(device?: string) {
  const listeners = new Set<ChangeListener>();
  const reader = fakeReader();
  const clock = manualClock();
  const subscribe = (listener: ChangeListener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  new ChangeStream(reader.sink, clock).open({ subscribe }, { tenant: 'main', device });
  const tell = (tenant: string, id: string) => {
    for (const listener of listeners) listener.onChange({ tenant, kind: 'device', id, device: id });
  };
  return { listeners, reader, clock, tell };
}

it('passes on what belongs to the tenant and to the device asked for', () => {
  const { reader, tell } = open('a');
  tell('main', 'a');
  tell('main', 'b');
  tell('other', 'a');
  expect(reader.text.match(/^event: .*$/gm)).toEqual(['event: device']);
});

it('keeps little for a slow reader and says how much it missed', () => {
  const { reader, tell } = open();
  reader.slow = true;
  for (let id = 0; id < 700; id += 1) tell('main', String(id));
  const before = reader.text.length;
  expect(before).toBeLessThan(500);
  reader.slow = false;
  reader.drain();
  expect(reader.text).toContain('event: dropped\ndata: {"count":199}');
});

it('beats, cuts off a reader that takes nothing, and leaves no listener behind', async () => {
  const { reader, clock, listeners } = open();
  await clock.advance(20_000);
  expect(reader.text).toContain(': still here');
  reader.slow = true;
  await clock.advance(20_000);
  await clock.advance(80_000);
  expect([reader.ended, listeners.size]).toEqual([true, 0]);
});

it('ends when the reader goes', () => {
  const { reader, listeners } = open();
  reader.close();
  expect(listeners.size).toBe(0);
});
