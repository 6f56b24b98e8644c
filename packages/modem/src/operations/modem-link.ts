import type { Clock, Log } from '@towline/kit';
import type { AtCommand } from '../at/at-command.ts';
import type { AtSession } from '../at/at-session.ts';
import type { ModemFailure, Reading } from '../failure.ts';
import { failureOf } from '../failures/failure-of.ts';
import type { Model } from '../models/model.schema.ts';

/** What the driver logs. */
export type ModemLogEvent = 'modem.identified' | 'modem.command-failed' | 'modem.dialled' | 'modem.hung-up';

/** What every operation works on: one modem over its AT port. */
export interface ModemLink {
  readonly model: Model;
  readonly clock: Clock;
  readonly log: Log<ModemLogEvent>;
  /** Sends a command; gives its information lines. `seconds` defaults to the model's bound for quick commands. */
  ask(command: AtCommand | Reading<AtCommand>, seconds?: number): Promise<Reading<readonly string[]>>;
  /** Sends a command and parses its reply; null from the parser is `at.unparsable`. */
  read<Value>(question: Question<Value>): Promise<Reading<Value>>;
}

export interface Question<Value> {
  readonly command: AtCommand | Reading<AtCommand>;
  readonly parse: (lines: readonly string[]) => Value | null;
}

export function createModemLink(parts: Pick<ModemLink, 'model' | 'clock' | 'log'> & { session: AtSession }): ModemLink {
  const { session, model, log } = parts;

  async function ask(command: AtCommand | Reading<AtCommand>, seconds = model.bounds.command): Promise<Reading<readonly string[]>> {
    if ('ok' in command && !command.ok) return command;
    const sent = 'ok' in command ? command.value : command;
    const outcome = await session.run(sent, seconds * 1000);
    if (outcome.result.kind === 'ok') return { ok: true, value: outcome.lines };
    const failure = failureOf(sent, outcome);
    log.warn('modem.command-failed', { command: sent.redacted, code: failure.code, cause: failure.cause });
    return { ok: false, failure };
  }

  async function read<Value>({ command, parse }: Question<Value>): Promise<Reading<Value>> {
    const reply = await ask(command);
    if (!reply.ok) return reply;
    const value = parse(reply.value);
    if (value !== null) return { ok: true, value };
    return failed({ code: 'at.unparsable', evidence: reply.value.slice(0, 8) });
  }

  return { ...parts, ask, read };
}

export function failed(failure: ModemFailure): { readonly ok: false; readonly failure: ModemFailure } {
  return { ok: false, failure };
}

export const done: Reading<void> = { ok: true, value: undefined };

/** Forgets the lines of a command that only has to work. */
export function acknowledged(reply: Reading<readonly string[]>): Reading<void> {
  return reply.ok ? done : reply;
}

/** Whether the modem itself is there and just does not know or want this command: the next dialect may be tried. */
export function isRefusal(failure: ModemFailure): boolean {
  return failure.code !== 'at.timeout' && failure.code !== 'at.port-closed';
}
