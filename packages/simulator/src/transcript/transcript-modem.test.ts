import { manualClock } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { createTranscriptModem, type Transcript } from './transcript-modem.ts';

const transcript: Transcript = {
  label: 'composed',
  source: 'this test',
  entries: [
    { command: 'ATE0', reply: 'ATE0\r\r\nOK\r\n' },
    { command: 'AT+CSQ', reply: '\r\n+CSQ: 99,99\r\n\r\nOK\r\n' },
    { command: null, reply: '\r\n+QIND: SMS DONE\r\n', afterMs: 100 },
    { command: 'AT+CSQ', reply: '\r\n+CSQ: 20,99\r\n\r\nOK\r\n' },
  ],
};

describe('a transcript modem', () => {
  it('plays the answers in their order, with what the modem said by itself, and repeats the last', async () => {
    const clock = manualClock();
    const modem = createTranscriptModem(transcript, clock);
    const port = modem.openPort();
    let heard = '';
    port.onData((bytes) => {
      heard += String.fromCharCode(...bytes);
    });
    const say = async (line: string): Promise<string> => {
      heard = '';
      await port.write(new TextEncoder().encode(`${line}\r`));
      await clock.advance(1_000);
      return heard;
    };
    expect(await say('ATE0')).toBe('ATE0\r\r\nOK\r\n');
    expect(await say('AT+CSQ')).toBe('\r\n+CSQ: 99,99\r\n\r\nOK\r\n\r\n+QIND: SMS DONE\r\n');
    expect(await say('AT+CSQ')).toContain('+CSQ: 20,99');
    expect(await say('AT+CSQ')).toContain('+CSQ: 20,99');
    expect(await say('AT+NEW')).toBe('\r\nERROR\r\n');
    expect(modem.unknown).toEqual(['AT+NEW']);
  });
});
