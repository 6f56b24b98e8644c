import { manualClock } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { scriptedModem } from '../testing/scripted-modem.ts';
import { atCommand } from './at-command.ts';
import { createAtSession } from './at-session.ts';

const capture = {
  id: 'two-answers',
  modem: 'none',
  kind: 'composed',
  source: 'this test',
  exchanges: [
    { send: 'AT', receive: ['OK'] },
    { send: 'AT+CSQ', receive: ['+CSQ: 20,99', 'OK'] },
  ],
} as const;

async function bench() {
  const clock = manualClock();
  const modem = scriptedModem(clock, {
    ...capture,
    exchanges: [...capture.exchanges].map((one) => ({ ...one, receive: [...one.receive] })),
  });
  const port = await modem.open('/dev/at');
  return { clock, modem, session: createAtSession(port, clock) };
}

describe('a session', () => {
  it('runs commands one at a time, in the order they were asked', async () => {
    const { clock, modem, session } = await bench();
    const first = session.run(atCommand('AT'), 1000);
    const second = session.run(atCommand('AT+CSQ'), 1000);
    await clock.advance(10);
    expect(modem.heard).toEqual(['AT']);
    await clock.advance(1000);
    expect((await first).result).toEqual({ kind: 'ok' });
    expect((await second).lines).toEqual(['+CSQ: 20,99']);
  });

  it('refuses one command more than may wait', async () => {
    const { session } = await bench();
    const waiting = Array.from({ length: 32 }, () => session.run(atCommand('AT'), 1000));
    await expect(session.run(atCommand('AT'), 1000)).rejects.toMatchObject({ code: 'exclusive.full' });
    await session.close();
    await Promise.all(waiting);
  });

  it('ends every command when the modem is unplugged', async () => {
    const { clock, modem, session } = await bench();
    const reasons: string[] = [];
    session.onClose((reason) => reasons.push(reason));
    modem.answer('AT', []);
    const asked = [session.run(atCommand('AT'), 1000), session.run(atCommand('AT+CSQ'), 1000)];
    await clock.advance(10);
    modem.unplug();
    await clock.advance(10);
    expect((await Promise.all(asked)).map((outcome) => outcome.result.kind)).toEqual(['closed', 'closed']);
    expect(reasons).toEqual(['unplugged']);
  });

  it('leaves no timer behind', async () => {
    const { clock, session } = await bench();
    const asked = session.run(atCommand('AT'), 60_000);
    await clock.advance(100);
    await asked;
    expect(clock.nextDueMs()).toBeNull();
  });
});
