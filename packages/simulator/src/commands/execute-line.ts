import type { ModemState, PortRole } from '../modem/modem-state.ts';
import type { Effect } from '../modem/step.ts';
import type { World } from '../modem/world.ts';
import { type Answer, type Call, type Command, cme, type Final, ok, refused } from './command.ts';
import { parseCommandLine } from './parse-command-line.ts';
import { renderFinal, renderLines } from './render.ts';

/** What a modem does with one command line. */
export interface LineOutcome {
  readonly state: ModemState;
  /** All that is written back, breaks included. Empty: nothing. */
  readonly text: string;
  /** How the line ended, for those who need to know that data mode began. */
  readonly final: Final;
  readonly effects: readonly Effect[];
  readonly takesMs: number;
  /** Name of the first command, to match misbehaviours against. */
  readonly command: string;
}

function answer(call: Call): Answer {
  const { world, command } = call;
  if (world.behaviours.find('refuses-command', command.name)) return refused;
  const handle = Object.hasOwn(world.character.commands, command.name) ? world.character.commands[command.name] : undefined;
  if (!handle) return refused;
  // Without its card a modem answers these with the reason; registration and operator are still told.
  return handle(call);
}

interface Run {
  state: ModemState;
  readonly answers: Answer[];
  effects: readonly Effect[];
  takesMs: number;
}

function runAll(commands: readonly Command[], start: Omit<Call, 'command'>, stopAtError: boolean): Run {
  const run: Run = { state: start.state, answers: [], effects: [], takesMs: 0 };
  for (const command of commands) {
    const given = answer({ ...start, state: run.state, command });
    run.state = given.state ?? run.state;
    run.answers.push(given);
    if (given.effects) run.effects = [...run.effects, ...given.effects];
    run.takesMs += given.takesMs ?? 0;
    if (stopAtError && given.final.kind !== 'ok') break;
  }
  return run;
}

/** Partial results up to the first failure, then how that one ended (V.250 clause 5.6). */
function renderInOrder(run: Run): { readonly text: string; readonly final: Final } {
  const final = run.answers.at(-1)?.final ?? ok().final;
  let text = '';
  for (const { lines } of run.answers) text += renderLines(lines);
  return { text: `${text}${renderLast(final, run.state)}`, final };
}

function renderLast(final: Final, state: ModemState): string {
  const last = renderFinal(final, state.running.errorFormat);
  return last === '' ? '' : `\r\n${last}\r\n`;
}

/** An ASR module answers the second command before the first, goes on after an error, and ends with OK only when none failed. */
function renderAsr(run: Run): { readonly text: string; readonly final: Final } {
  const [first, second, ...others] = run.answers;
  const ordered = [second, first, ...others].filter((one) => one !== undefined);
  const failed = ordered.find(({ final }) => final.kind !== 'ok');
  const text = ordered
    .map(({ lines, final }) => `${renderLines(lines)}${final.kind === 'ok' ? '' : renderLast(final, run.state)}`)
    .join('');
  return { text: failed ? text : `${text}${renderLast(ok().final, run.state)}`, final: failed?.final ?? ok().final };
}

/** Pure: the same line, state and world give the same outcome. */
export function executeLine(state: ModemState, world: World, input: { role: PortRole; line: string }): LineOutcome {
  const { role, line } = input;
  const commands = parseCommandLine(line);
  const nothing = { state, effects: [], takesMs: 0, command: commands?.[0]?.name ?? '' };
  if (!commands) {
    // A modem ignores what does not begin with AT, and refuses AT lines that it cannot read.
    if (!/^\s*at/i.test(line)) return { ...nothing, text: '', final: { kind: 'none' } };
    return { ...nothing, text: renderLast(cme(100).final, state), final: cme(100).final };
  }
  const asr = world.character.chain === 'asr' && commands.length > 1;
  const run = runAll(commands, { state, world, role }, !asr);
  const { text, final } = asr ? renderAsr(run) : renderInOrder(run);
  const { effects, takesMs } = run;
  return { state: run.state, text, final, effects, takesMs, command: nothing.command };
}
