import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AtCommand, atCommand, atDial, atSet } from './at-command.ts';
import {
  type AtOutcome,
  type CommandMachineState,
  commandMachine,
  initialMachine,
  type MachineEffect,
  type MachineEvent,
} from './command-machine.ts';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** Runs a machine by hand and keeps what it did. */
function bench() {
  let state: CommandMachineState = initialMachine;
  const effects: MachineEffect[] = [];
  const event = (next: MachineEvent): void => {
    const [after, done] = commandMachine(state, next);
    state = after;
    effects.push(...done);
  };
  return {
    event,
    ask: (command: AtCommand | 'escape') => event({ kind: 'request', request: { command, timeoutMs: 1000 } }),
    say: (text: string) => event({ kind: 'bytes', bytes: bytesOf(text) }),
    expire: () => event({ kind: 'timer', timer: state.timer }),
    state: () => state,
    outcomes: (): AtOutcome[] => effects.flatMap((effect) => (effect.kind === 'complete' ? [effect.outcome] : [])),
    unsolicited: () => effects.flatMap((effect) => (effect.kind === 'unsolicited' ? [effect.line] : [])),
    written: () => effects.flatMap((effect) => (effect.kind === 'write' ? [effect.text] : [])),
  };
}

function dial(): AtCommand {
  const built = atDial(1);
  if (!built.ok) throw new Error('refused');
  return built.value;
}

function answer(command: AtCommand, text: string): AtOutcome | undefined {
  const run = bench();
  run.ask(command);
  run.say(text);
  return run.outcomes()[0];
}

describe('the command machine', () => {
  it.each([
    ['a Quectel echo', 'ATI', 'ATI\r\r\nQuectel\r\nEC200A\r\n\r\nOK\r\n', ['Quectel', 'EC200A']],
    ['an Air724UG echo', 'AT+CSQ', 'AT+CSQ\r\n\r\n+CSQ: 20,0\r\n\r\nOK\r\n', ['+CSQ: 20,0']],
    ['no echo', 'AT+CSQ', '\r\n+CSQ: 20,0\r\n\r\nOK\r\n', ['+CSQ: 20,0']],
    ['NUL padding', 'AT', '\0\0\r\nOK\r\n', []],
  ])('reads a reply with %s', (_, command, text, lines) => {
    expect(answer(atCommand(command), text)).toEqual({ result: { kind: 'ok' }, lines });
  });

  it('keeps the partial results of a chained command that ends in an error', () => {
    expect(answer(atCommand('AT+CSQ;+COPS?;+CPIN?'), '+CSQ: 9,99\r\n+COPS: 0\r\n+CME ERROR: 10\r\n')).toEqual({
      result: { kind: 'cme', detail: '10' },
      lines: ['+CSQ: 9,99', '+COPS: 0'],
    });
  });

  it.each([
    ['ERROR', { kind: 'error' }],
    ['COMMAND NOT SUPPORT', { kind: 'error' }],
    ['MODEM ERROR', { kind: 'error' }],
    ['+CME ERROR: SIM not inserted', { kind: 'cme', detail: 'SIM not inserted' }],
    ['+CMS ERROR: 310', { kind: 'cms', detail: '310' }],
  ])('takes %s for the end', (line, result) => {
    expect(answer(atCommand('AT+CSQ'), `\r\n${line}\r\n`)?.result).toEqual(result);
  });

  it.each([
    ['CONNECT', { kind: 'connect', speed: '' }],
    ['CONNECT 150000000', { kind: 'connect', speed: '150000000' }],
    ['NO CARRIER', { kind: 'no-carrier' }],
    ['BUSY', { kind: 'busy' }],
    ['NO ANSWER', { kind: 'no-answer' }],
    ['NO DIALTONE', { kind: 'no-dialtone' }],
  ])('takes %s for the end of a dial command', (line, result) => {
    expect(answer(dial(), `\r\n${line}\r\n`)?.result).toEqual(result);
  });

  it('passes on what comes unasked between and inside replies, and a lost link is no answer to another command', () => {
    const run = bench();
    run.say('\r\n+QIND: SMS DONE\r\n');
    run.ask(atCommand('AT+CSQ'));
    run.say('\r\n+CEREG: 5\r\n\r\n+CSQ: 20,0\r\n\r\nNO CARRIER\r\n\r\nOK\r\n');
    expect(run.unsolicited()).toEqual(['+QIND: SMS DONE', '+CEREG: 5', 'NO CARRIER']);
    expect(run.outcomes()).toEqual([{ result: { kind: 'ok' }, lines: ['+CSQ: 20,0'] }]);
  });

  it('leaves a line of its own name to the parser, asked for or not', () => {
    expect(answer(atCommand('AT+CEREG?'), '+CEREG: 2\r\n+CEREG: 2,1\r\nOK\r\n')?.lines).toEqual(['+CEREG: 2', '+CEREG: 2,1']);
  });

  it('drops binary frames and lines without end', () => {
    const run = bench();
    run.ask(atCommand('AT+CSQ'));
    run.say(`%DBG\x01\x02\r\n\x05\x06abc\r\n${'x'.repeat(100_000)}`);
    expect(run.state().line.text.length).toBeLessThanOrEqual(4096);
    run.say('\r\n+CSQ: 7,99\r\nOK\r\n');
    expect(run.outcomes()[0]?.lines).toEqual(['+CSQ: 7,99']);
  });

  it('is not fooled by words that an object knows', () => {
    expect(answer(dial(), 'constructor\r\n__proto__\r\nNO CARRIER\r\n')?.result).toEqual({ kind: 'no-carrier' });
  });

  it('cancels a prompt that nobody wants', () => {
    const run = bench();
    run.ask(atCommand('AT+CMGS=1'));
    run.say('\r\n> ');
    expect(run.written().at(-1)).toBe('\u001b');
    run.say('\r\nOK\r\n');
    expect(run.outcomes()[0]?.result).toEqual({ kind: 'ok' });
  });

  it('shows no secret in the lines of a reply', () => {
    const built = atSet('+CPIN', { kind: 'pin', value: '4711' });
    if (!built.ok) throw new Error('refused');
    const outcome = answer(built.value, 'AT+CPIN="4711"\r\r\nbad 4711\r\n+CME ERROR: 16\r\n');
    expect(outcome?.lines).toEqual(['bad ***']);
  });
});

describe('a reply that comes after its time-out', () => {
  it('does not answer the next command', () => {
    const run = bench();
    run.ask(atCommand('AT+COPS?'));
    run.expire();
    run.ask(atCommand('AT+CSQ'));
    run.say('+COPS: 0,0,"x"\r\nOK\r\n+CMEE: 1\r\nOK\r\n');
    expect(run.outcomes().map((outcome) => outcome.result.kind)).toEqual(['timeout']);
    run.expire();
    expect(run.written()).toEqual(['AT+COPS?\r', '\rAT+CMEE?\r', 'AT+CSQ\r']);
    run.say('+CSQ: 3,99\r\nOK\r\n');
    expect(run.outcomes().at(-1)).toEqual({ result: { kind: 'ok' }, lines: ['+CSQ: 3,99'] });
  });

  it('is waited for again when it falls into the drain', () => {
    const run = bench();
    run.ask(atCommand('AT+COPS?'));
    run.expire();
    run.ask(atCommand('AT+CSQ'));
    run.say('+CMEE: 1\r\nOK\r\n');
    const before = run.state().timer;
    run.say('OK\r\n');
    expect(run.state().timer).toBe(before + 1);
    expect(run.written()).toHaveLength(2);
  });

  it('ends the next command by time-out when the modem has gone silent', () => {
    const run = bench();
    run.ask(atCommand('AT'));
    run.expire();
    run.ask(atCommand('AT+CSQ'));
    for (let tries = 0; tries < 2; tries += 1) run.expire();
    expect(run.outcomes().map((outcome) => outcome.result.kind)).toEqual(['timeout', 'timeout']);
  });

  it('is not mistaken for a sentinel when both come late', () => {
    const run = bench();
    run.ask(atCommand('AT+COPS?'));
    run.expire();
    run.ask(atCommand('AT+CSQ'));
    run.say('+COPS: 0\r\nOK\r\n');
    run.expire();
    run.say('+CMEE: 1\r\nOK\r\n');
    expect(run.written()).toEqual(['AT+COPS?\r', '\rAT+CMEE?\r', '\rAT+CREG=?\r']);
    run.say('+CREG: (0-2)\r\nOK\r\n');
    run.expire();
    expect(run.written().at(-1)).toBe('AT+CSQ\r');
  });

  it('also finds back with a modem that knows no sentinel, once it has answered as often as it was asked', () => {
    const run = bench();
    run.ask(atCommand('AT'));
    run.expire();
    run.ask(atCommand('AT+CSQ'));
    run.say('OK\r\nERROR\r\n');
    run.expire();
    run.say('ERROR\r\n');
    run.expire();
    run.expire();
    expect(run.written().at(-1)).toBe('AT+CSQ\r');
  });
});

describe('data mode', () => {
  it('ignores frames, and comes back when the call ends', () => {
    const run = bench();
    run.ask(dial());
    run.say('\r\nCONNECT\r\n~\xff}#\xc0!}!\r\nOK\r\n~');
    expect(run.state().channel).toBe('data');
    run.say('\r\nNO CARRIER\r\n');
    expect(run.state().channel).toBe('command');
    expect(run.unsolicited()).toEqual(['NO CARRIER']);
  });

  it('is left by +++ between two silences', () => {
    const run = bench();
    run.ask(dial());
    run.say('\r\nCONNECT 100\r\n');
    run.ask('escape');
    expect(run.written()).toEqual(['ATD*99***1#\r']);
    run.expire();
    expect(run.written().at(-1)).toBe('+++');
    run.say('~\x7e}#\r\nOK\r\n');
    expect(run.outcomes().at(-1)?.result).toEqual({ kind: 'ok' });
    expect(run.state().channel).toBe('command');
  });
});

const transcripts = fc.array(
  fc.constantFrom(
    'AT+CSQ\r\r\n',
    '+CSQ: 20,0\r\n',
    '\r\n',
    'OK\r\n',
    '+CME ERROR: 14\r\n',
    '+CEREG: 5\r\n',
    '> ',
    '\0',
    '%DBG\x01\r\n',
    'NO CARRIER\r\n',
    'RDY\r\n',
  ),
  { maxLength: 20 },
);

describe('whatever the modem sends', () => {
  it('gives the same result in any chunking', () => {
    fc.assert(
      fc.property(transcripts, fc.array(fc.integer({ min: 1, max: 7 })), (parts, sizes) => {
        const whole = bench();
        const cut = bench();
        const text = parts.join('');
        const command = atCommand('AT+CSQ');
        whole.ask(command);
        cut.ask(command);
        whole.say(text);
        let at = 0;
        for (let turn = 0; at < text.length; turn += 1) {
          const size = sizes[turn % Math.max(1, sizes.length)] ?? 1;
          cut.say(text.slice(at, at + size));
          at += size;
        }
        expect(cut.outcomes()).toEqual(whole.outcomes());
        expect(cut.unsolicited()).toEqual(whole.unsolicited());
        expect(cut.state()).toEqual(whole.state());
      }),
    );
  });

  it('never breaks the machine, never grows it, and every command ends', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 20 }), (chunks) => {
        const run = bench();
        run.ask(atCommand('AT+COPS=?'));
        for (const bytes of chunks) run.event({ kind: 'bytes', bytes });
        const phase = run.state().phase;
        expect(run.state().line.text.length).toBeLessThanOrEqual(4096);
        if (phase.kind === 'waiting') expect(phase.size).toBeLessThanOrEqual(16_384);
        for (let turn = 0; turn < 10 && run.state().phase.kind !== 'idle'; turn += 1) run.expire();
        expect(run.outcomes()).toHaveLength(1);
      }),
    );
  });

  it('ends the command when the port goes, and every later one at once', () => {
    const run = bench();
    run.ask(atCommand('AT'));
    run.event({ kind: 'closed' });
    run.ask(atCommand('AT'));
    expect(run.outcomes().map((outcome) => outcome.result.kind)).toEqual(['closed', 'closed']);
  });
});
