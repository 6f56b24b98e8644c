import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { atCommand } from '../at/at-command.ts';
import { commandMachine, initialMachine } from '../at/command-machine.ts';
import { captureSchema } from './capture.schema.ts';

const folder = new URL('.', import.meta.url);
const captures = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, capture: captureSchema.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))) }));

describe.each(captures)('$name', ({ name, capture }) => {
  it('is named after its id', () => {
    expect(`${capture.id}.json`).toBe(name);
  });

  it.each(capture.exchanges)('the machine takes all lines of the reply to $send, and finds its end', ({ send, receive }) => {
    const request = { command: atCommand(send), timeoutMs: 1000 };
    const [asked] = commandMachine(initialMachine, { kind: 'request', request });
    const bytes = new TextEncoder().encode(receive.map((line) => `\r\n${line}\r\n`).join(''));
    const [, effects] = commandMachine(asked, { kind: 'bytes', bytes });
    const outcome = effects.flatMap((effect) => (effect.kind === 'complete' ? [effect.outcome] : []))[0];
    expect(outcome?.lines).toEqual(receive.slice(0, -1).map((line) => line.trim()));
  });
});
