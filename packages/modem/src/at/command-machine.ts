import { Fault } from '@towline/kit';
import type { AtCommand } from './at-command.ts';
import { type FinalResult, finalResult } from './final-result.ts';
import { addText, emptyLine, endedLine, type PartialLine, piecesOf } from './line-splitter.ts';
import { sentinels, sentinelWindowsMs } from './sentinels.ts';
import { isNoise, isUnsolicited } from './unsolicited.ts';

/** One thing asked of the port. `escape` is the `+++` that leaves data mode without hanging up. */
export interface AtRequest {
  readonly command: AtCommand | 'escape';
  readonly timeoutMs: number;
}

/** How a request ended. `lines` are its information lines, whatever the end was. */
export type AtOutcome = {
  readonly result: FinalResult | { readonly kind: 'timeout' } | { readonly kind: 'closed' };
  readonly lines: readonly string[];
};

export type MachineEvent =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'request'; readonly request: AtRequest }
  /** `timer` is the number of the `set-timer` effect that ran out. */
  | { readonly kind: 'timer'; readonly timer: number }
  | { readonly kind: 'closed' };

export type MachineEffect =
  | { readonly kind: 'write'; readonly text: string }
  /** Replaces the timer that runs; there is never more than one. */
  | { readonly kind: 'set-timer'; readonly timer: number; readonly ms: number }
  | { readonly kind: 'clear-timer' }
  | { readonly kind: 'complete'; readonly outcome: AtOutcome }
  | { readonly kind: 'unsolicited'; readonly line: string };

type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'waiting'; readonly request: AtRequest; readonly lines: readonly string[]; readonly size: number }
  /** A sentinel is out; `marked`: its information line came, so the next final result is its own. */
  | { readonly kind: 'resync'; readonly request: AtRequest; readonly tries: number; readonly marked: boolean }
  /** No final result may come for a while before the line counts as drained. */
  | { readonly kind: 'drain'; readonly request: AtRequest }
  /** The silence before `+++` (V.250, S12). */
  | { readonly kind: 'guard'; readonly request: AtRequest };

export interface CommandMachineState {
  readonly phase: Phase;
  /** What the port carries now: commands, or the bytes of a call. */
  readonly channel: 'command' | 'data';
  /**
   * Final results that may still come: one for each command that timed out and each sentinel. None of them may answer the
   * next command. A modem answers in the order it was asked, so before the next command a sentinel with an answer of its own
   * is sent, and everything up to the end of that answer is dropped. A modem that knows no sentinel is in step again once it
   * has answered as often as it was asked; if it never does, commands time out until the port is opened anew, which is
   * late but never wrong.
   */
  readonly owed: number;
  /** How many sentinels were sent so far; they take turns. */
  readonly sentinel: number;
  readonly line: PartialLine;
  /** Number of the timer that was set last; older ones are stale. */
  readonly timer: number;
  readonly closed: boolean;
}

export const initialMachine: CommandMachineState = {
  phase: { kind: 'idle' },
  channel: 'command',
  owed: 0,
  sentinel: 0,
  line: emptyLine,
  timer: 0,
  closed: false,
};

type Step = readonly [CommandMachineState, readonly MachineEffect[]];

const drainMs = 200;
/** V.250 S12 has 50 units of 20 ms; a little more, since the bytes cross USB. */
const guardMs = 1100;
/** Information kept of one reply, in characters and lines; what comes beyond is dropped, the final result still counts. */
const maxReplySize = 16_384;
const maxReplyLines = 256;
/** Escape and Ctrl-Z of a `> ` prompt: text input is never wanted here. */
const cancelPrompt = '\u001b';

/** The command line protocol of one AT port, pure. @throws Fault `at.busy` for a request while one is on its way. */
export function commandMachine(state: CommandMachineState, event: MachineEvent): Step {
  switch (event.kind) {
    case 'bytes':
      return receive(state, event.bytes);
    case 'request':
      return begin(state, event.request);
    case 'closed':
      return close(state);
    default:
      return event.timer === state.timer ? expire(state) : [state, []];
  }
}

function begin(state: CommandMachineState, request: AtRequest): Step {
  if (state.phase.kind !== 'idle') throw new Fault('at.busy', 'one command is on its way at a time');
  if (state.closed) return [state, [complete({ kind: 'closed' })]];
  if (request.command === 'escape') return withTimer({ ...state, phase: { kind: 'guard', request } }, guardMs);
  if (state.owed > 0) return resync(state, request, 0);
  return send(state, request);
}

function send(state: CommandMachineState, request: AtRequest): Step {
  const text = request.command === 'escape' ? '+++' : `${request.command.text}\r`;
  const waiting: Phase = { kind: 'waiting', request, lines: [], size: 0 };
  return withTimer({ ...state, phase: waiting, line: emptyLine }, request.timeoutMs, [{ kind: 'write', text }]);
}

function sentinelAt(count: number): (typeof sentinels)[number] | undefined {
  return sentinels[count % sentinels.length];
}

/** @param tries sentinels that this request has sent already. */
function resync(state: CommandMachineState, request: AtRequest, tries: number): Step {
  const sentinel = sentinelAt(state.sentinel);
  const windowMs = sentinelWindowsMs[tries];
  if (windowMs === undefined || !sentinel) {
    const answeredAll = state.owed <= 0;
    return answeredAll ? drain(state, request) : finish(state, { kind: 'timeout' });
  }
  const phase: Phase = { kind: 'resync', request, tries: tries + 1, marked: false };
  const next = { ...state, phase, owed: state.owed + 1, sentinel: state.sentinel + 1 };
  // The carriage return ends whatever half a line the modem still holds.
  return withTimer(next, windowMs, [{ kind: 'write', text: `\r${sentinel.command.text}\r` }]);
}

function expire(state: CommandMachineState): Step {
  const { phase } = state;
  switch (phase.kind) {
    case 'idle':
      return [state, []];
    case 'waiting':
      return finish({ ...state, owed: state.owed + 1 }, { kind: 'timeout' });
    case 'resync':
      return resync(state, phase.request, phase.tries);
    case 'drain':
      return send({ ...state, owed: 0 }, phase.request);
    default:
      return send(state, phase.request);
  }
}

function drain(state: CommandMachineState, request: AtRequest): Step {
  return withTimer({ ...state, phase: { kind: 'drain', request } }, drainMs);
}

function close(state: CommandMachineState): Step {
  const closed: CommandMachineState = { ...state, closed: true };
  return state.phase.kind === 'idle' ? [closed, []] : finish(closed, { kind: 'closed' });
}

function receive(start: CommandMachineState, bytes: Uint8Array): Step {
  let state = start;
  let { line } = start;
  const effects: MachineEffect[] = [];
  for (const { text, ends } of piecesOf(bytes)) {
    let rest = text;
    // Nothing here sends a text, so the modem is told to stop waiting for one.
    while (state.phase.kind === 'waiting' && isPrompted(line, rest)) {
      effects.push({ kind: 'write', text: cancelPrompt });
      rest = rest.slice(prompt.length - line.text.length);
      line = emptyLine;
    }
    line = addText(line, rest);
    if (!ends) continue;
    const ended = endedLine(line);
    line = emptyLine;
    if (ended === null) continue;
    const [next, more] = takeLine(state, ended);
    state = next;
    effects.push(...more);
  }
  return [{ ...state, line }, effects];
}

const prompt = '> ';

/** A prompt has no line end. */
function isPrompted({ text, overlong }: PartialLine, rest: string): boolean {
  return !overlong && text.length < prompt.length && `${text}${rest.slice(0, prompt.length)}`.startsWith(prompt);
}

function takeLine(state: CommandMachineState, line: string): Step {
  if (state.channel === 'data' && state.phase.kind !== 'waiting') return takeDataLine(state, line);
  if (isNoise(line)) return [state, []];
  switch (state.phase.kind) {
    case 'waiting':
      return takeReplyLine(state, state.phase, line);
    case 'resync':
      return takeSentinelLine(state, state.phase, line);
    case 'drain':
      if (finalResult(line, false)) return drain(state, state.phase.request);
      return unasked(state, line);
    default:
      return takeIdleLine(state, line);
  }
}

/** A late final result pays off one that is owed. */
function takeIdleLine(state: CommandMachineState, line: string): Step {
  const late = state.owed > 0 && finalResult(line, false) !== null;
  return late ? [{ ...state, owed: state.owed - 1 }, []] : unasked(state, line);
}

/** The call ended by itself. Frames of the call are no lines of ours; this one text is what a modem says last. */
function takeDataLine(state: CommandMachineState, line: string): Step {
  return line === 'NO CARRIER' ? [{ ...state, channel: 'command' }, [{ kind: 'unsolicited', line }]] : [state, []];
}

/** Out of sync a stray line may be the late reply: only what is surely unasked is passed on. */
function unasked(state: CommandMachineState, line: string): Step {
  const pass = state.owed === 0 ? finalResult(line, false) === null && !isEcho(line) : isUnsolicited(line);
  return [state, pass ? [{ kind: 'unsolicited', line }] : []];
}

function takeSentinelLine(state: CommandMachineState, phase: Phase & { kind: 'resync' }, line: string): Step {
  if (sentinelAt(state.sentinel - 1)?.marker.test(line)) return [{ ...state, phase: { ...phase, marked: true } }, []];
  if (finalResult(line, false) === null) return unasked(state, line);
  return phase.marked ? drain(state, phase.request) : [{ ...state, owed: state.owed - 1 }, []];
}

function takeReplyLine(state: CommandMachineState, phase: Phase & { kind: 'waiting' }, line: string): Step {
  const command = phase.request.command;
  const escaping = command === 'escape';
  const result = finalResult(line, escaping || command.dials);
  if (result) return finish({ ...state, channel: result.kind === 'connect' ? 'data' : 'command' }, result);
  // Until the escape is answered the line may still be a frame of the call.
  if (escaping || isEcho(line)) return [state, []];
  if (isUnsolicited(line, command.prefix)) return [state, [{ kind: 'unsolicited', line }]];
  if (phase.lines.length >= maxReplyLines || phase.size + line.length > maxReplySize) return [state, []];
  const lines = [...phase.lines, command.redact(line)];
  return [{ ...state, phase: { ...phase, lines, size: phase.size + line.length } }, []];
}

/** No information line begins like a command line, so an echo is known even when it is late or garbled at its end. */
function isEcho(line: string): boolean {
  return /^AT($|[+^!#$%*&DEHIVZ])/i.test(line);
}

function finish(state: CommandMachineState, result: AtOutcome['result']): Step {
  const lines = state.phase.kind === 'waiting' ? state.phase.lines : [];
  return [
    { ...state, phase: { kind: 'idle' }, timer: state.timer + 1 },
    [{ kind: 'clear-timer' }, { kind: 'complete', outcome: { result, lines } }],
  ];
}

function complete(result: AtOutcome['result']): MachineEffect {
  return { kind: 'complete', outcome: { result, lines: [] } };
}

function withTimer(state: CommandMachineState, ms: number, before: readonly MachineEffect[] = []): Step {
  const timer = state.timer + 1;
  return [{ ...state, timer }, [...before, { kind: 'set-timer', timer, ms }]];
}
