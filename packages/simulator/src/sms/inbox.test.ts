import { silentLog } from '@towline/kit';
import { createModemDriver, type ModemNotice } from '@towline/modem';
import { expect, it } from 'vitest';
import { inboxPlaces, receiveShortMessage } from '../modem/inbox.ts';
import { simulatedSerialPorts } from '../modem/simulated-serial-ports.ts';
import { bench } from '../testing/bench.ts';

/** A driver on a simulated modem, in a time that passes while it is waited for. */
async function driven(model: string) {
  const { modem, clock } = bench(model);
  const ports = simulatedSerialPorts(new Map([['/dev/at', { modem, role: 'at' as const }]]));
  async function settled<Value>(promise: Promise<Value>): Promise<Value> {
    const state = { open: true };
    const watched = promise.finally(() => {
      state.open = false;
    });
    while (state.open) await clock.advance(50);
    return watched;
  }
  const made = await settled(createModemDriver({ ports, clock, log: silentLog, atPath: '/dev/at' }));
  if (!made.ok) throw new Error(made.failure.code);
  const notices: ModemNotice['kind'][] = [];
  made.value.onNotice(({ kind }) => notices.push(kind));
  return { modem, clock, notices, settled, messages: made.value.shortMessages };
}

it.each(['ec25', 'bg96', 'sim7600', 'mc7455', 'le910c4'])('a message that comes to an %s is told, read and removed', async (model) => {
  const { modem, clock, notices, settled, messages } = await driven(model);
  expect(await settled(messages.read())).toEqual({ ok: true, value: [] });
  receiveShortMessage(modem, { sender: '+4915112345678', text: 'TL1 one' });
  receiveShortMessage(modem, { sender: '1234', text: 'two' });
  await clock.advance(1000);
  expect(notices.filter((kind) => kind === 'short-message')).toHaveLength(2);
  const message = { hasHeader: false };
  const [one, two] = [
    { index: 0, message: { ...message, sender: '+4915112345678', text: 'TL1 one' } },
    { index: 1, message: { ...message, sender: '1234', text: 'two' } },
  ];
  expect(await settled(messages.read())).toEqual({ ok: true, value: [one, two] });
  expect(await settled(messages.remove(0))).toEqual({ ok: true, value: undefined });
  expect(await settled(messages.read())).toEqual({ ok: true, value: [two] });
});

it('a card that is full is read in parts, each reply bounded', async () => {
  const { modem, settled, messages } = await driven('ec25');
  for (let place = 0; place <= inboxPlaces; place += 1)
    receiveShortMessage(modem, { sender: '1234', text: String(place).padEnd(150, '.') });
  const seen: string[] = [];
  for (let reading = 0; reading < 5; reading += 1) {
    const read = await settled(messages.read());
    if (!read.ok) throw new Error(read.failure.code);
    for (const { index, message } of read.value) {
      seen.push((message?.text ?? '').replace(/\.+$/, ''));
      await settled(messages.remove(index));
    }
  }
  expect(seen).toEqual(Array.from({ length: inboxPlaces }, (_, place) => String(place)));
});
