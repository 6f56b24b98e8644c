import { manualClock, seededRandom } from '@towline/kit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { characters } from '../characters/index.ts';
import { parseCommandLine } from '../commands/parse-command-line.ts';
import { createByteLine, oddPieces } from '../line/byte-line.ts';
import { bench, connect, imsi } from '../testing/bench.ts';
import type { Behaviour } from './behaviour.ts';

const lines = fc.oneof(
  fc.constantFrom(
    'AT+CFUN=4',
    'AT+CFUN=1',
    'AT+CFUN=1,1',
    'AT+CFUN=0',
    'AT+COPS=2',
    'AT+COPS=0',
    'AT+CGATT=0',
    'AT+CGATT=1',
    'AT+CGDCONT=1,"IPV4V6","fleet.dual"',
    'AT+CGDCONT=1',
    'AT+CGACT=1,1',
    'AT+CGACT=0,1',
    'ATD*99#',
    'ATH',
    '+++',
    'AT+QNETDEVCTL=3,1,1',
    'AT+QNETDEVCTL=0,1',
    'AT!SCACT=1,1',
    'AT$QCRMCALL=1,1',
    'AT^NDISDUP=1,1,"fleet.north"',
    'AT#USBCFG=3',
    'AT+CPIN="1111"',
    'AT+CEREG=2;+CSQ;+COPS?',
  ),
  fc.string({ maxLength: 40 }),
);

const disturbances = fc.constantFrom<Behaviour>(
  { kind: 'hangs-after-dial' },
  { kind: 'reboots-on-cfun' },
  { kind: 'sim-lost' },
  { kind: 'denies-registration' },
  { kind: 'drops-carrier', afterMs: 500 },
  { kind: 'garbled', dropShare: 0.2, doubleShare: 0.2 },
);

describe('bytes on their way', () => {
  it('are the same stream in whatever pieces they come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), (bytes, seed) => {
        const pieces = oddPieces(bytes, seededRandom(seed));
        expect(pieces.flatMap((piece) => [...piece])).toEqual([...bytes]);
      }),
    );
  });

  it('keep their order whatever their delays, and end without a timer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.uint8Array({ maxLength: 20 }), fc.nat(100))), fc.nat(), async (writes, seed) => {
        const clock = manualClock();
        const heard: number[] = [];
        const timing = { minDelayMs: 0, maxDelayMs: 0, chunks: 'odd' } as const;
        const line = createByteLine({ clock, random: seededRandom(seed), timing, deliver: (bytes) => heard.push(...bytes) });
        for (const [bytes, delayMs] of writes) line.send(bytes, delayMs);
        await clock.advance(60_000);
        expect(heard).toEqual(writes.flatMap(([bytes]) => [...bytes]));
        expect(clock.nextDueMs()).toBeNull();
      }),
    );
  });

  it('and take no time need none, and are neither there while they are sent nor after they were dropped', async () => {
    const clock = manualClock();
    const heard: number[] = [];
    const timing = { minDelayMs: 0, maxDelayMs: 0, chunks: 'whole' } as const;
    const line = createByteLine({ clock, random: seededRandom(7), timing, deliver: (bytes) => heard.push(...bytes) });
    line.send(Uint8Array.of(1));
    line.send(Uint8Array.of(2));
    expect(heard).toEqual([]);
    expect(clock.nextDueMs()).toBeNull();
    await Promise.resolve();
    expect(heard).toEqual([1, 2]);
    line.send(Uint8Array.of(3));
    line.clear();
    await Promise.resolve();
    expect(heard).toEqual([1, 2]);
  });
});

describe('a command line', () => {
  it('is parsed or refused, never thrown at, and the same each time', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const commands = parseCommandLine(`AT${text}`);
        expect(commands === null || commands.every(({ name }) => name.length > 0)).toBe(true);
        expect(parseCommandLine(`AT${text}`)).toEqual(commands);
      }),
    );
  });
});

describe('a modem that anything was said to, through anything', () => {
  it('is registered and answers again after a reset, once nothing disturbs it', async () => {
    const model = fc.constantFrom(...characters.map(({ id }) => id));
    await fc.assert(
      fc.asyncProperty(model, fc.array(lines, { maxLength: 12 }), fc.option(disturbances), async (id, said, disturbance) => {
        const { modem, clock, network } = bench(id);
        const calm = disturbance ? modem.misbehave(disturbance) : () => undefined;
        for (const line of said) {
          if (!modem.present) await clock.advance(30_000);
          const port = modem.openPort('ppp');
          await port.write(new TextEncoder().encode(`${line}\r`));
          await clock.advance(1_200);
          await port.close();
        }
        calm();
        network.allow(imsi);
        modem.restart();
        await clock.advance(60_000);
        expect(modem.state.running.registration).toBe(1);
        expect(await connect(modem, clock).say('AT')).toContain('OK\r\n');
        await clock.advance(60_000);
        expect(clock.nextDueMs()).toBeNull();
      }),
      { numRuns: 150 },
    );
  });
});
