import { type Clock, manualClock } from '@towline/kit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createListeners } from '../listeners.ts';
import type { SerialPort } from '../ports.ts';
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

/** A modem that answers every command, in order, and each as late as the last. */
function lateModem(clock: Clock, lagMs: number): SerialPort {
  const data = createListeners<Uint8Array>();
  const answer = (command: string): string => {
    const name = /^AT(\+[A-Z]+)/.exec(command)?.[1] ?? '';
    return `\r\n${name}: ${command.endsWith('=?') ? '(0-2)' : '1'}\r\n\r\nOK\r\n`;
  };
  return {
    path: '/dev/late',
    async write(bytes) {
      for (const command of new TextDecoder().decode(bytes).split('\r')) {
        if (command !== '') clock.schedule(lagMs, () => data.tell(new TextEncoder().encode(answer(command))));
      }
    },
    onData: data.add,
    onClose: () => () => undefined,
    close: async () => undefined,
  };
}

describe('a modem that is always late', () => {
  it('never answers one command with the reply to another, up to half a minute', async () => {
    const names = ['+CSQ', '+CESQ', '+COPS', '+CGACT', '+CPIN'];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(30_000),
        fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 2, maxLength: 12 }),
        async (lagMs, timeouts) => {
          const clock = manualClock();
          const session = createAtSession(lateModem(clock, lagMs), clock);
          const asked = timeouts.map(async (timeoutMs, turn) => {
            const name = names[turn % names.length] ?? '';
            return { name, outcome: await session.run(atCommand(`AT${name}?`), timeoutMs) };
          });
          await clock.advance(600_000);
          for (const { name, outcome } of await Promise.all(asked)) {
            if (outcome.result.kind === 'ok') expect(outcome.lines).toEqual([`${name}: 1`]);
            else expect(outcome).toEqual({ result: { kind: 'timeout' }, lines: [] });
          }
        },
      ),
    );
  });
});
