import type { ModemFailure, Reading } from '../failure.ts';
import type { ProcessRunner } from '../ports.ts';
import { runTool, toolEvidence } from '../sessions/host-tool.ts';
import { qmiErrorOf, refusalOfQmi } from './qmi-refusal.ts';
import { type QmiAction, type QmiClient, qmicliCommand } from './qmicli-command.ts';

/** What qmicli said. A refusal keeps its text: a client id that was not released stands in it too. */
export interface QmiReply {
  readonly text: string;
  /** Null: it worked. */
  readonly failure: ModemFailure | null;
  /** QMI protocol error, where the modem gave one. */
  readonly error: number | null;
}

/** One QMI control port, by qmicli. Each command ends within its bound. */
export type QmiPort = (action: QmiAction, options?: { readonly client?: QmiClient; readonly seconds?: number }) => Promise<QmiReply>;

/** The tool gives up after 10 s without an answer (libqmi), and opening may take as long again. */
const quickSeconds = 25;

export function createQmiPort(processes: ProcessRunner, device: string): QmiPort {
  return async (action, { client, seconds = quickSeconds } = {}) => {
    const command = qmicliCommand(device, action, client);
    if (!command.ok) return { text: '', failure: command.failure, error: null };
    const reply = await runTool(processes, command.value, seconds);
    if (!reply.ok) return { text: '', failure: reply.failure, error: null };
    const { exitCode, text } = reply.value;
    if (exitCode === 0) return { text, failure: null, error: null };
    const failure = { ...refusalOfQmi(text), evidence: toolEvidence(command.value, text) };
    return { text, failure, error: qmiErrorOf(text) };
  };
}

/** Parses what a command said; null from the parser is `control.unparsable`. */
export function readingOf<Value>(reply: QmiReply, parse: (text: string) => Value | null): Reading<Value> {
  if (reply.failure) return { ok: false, failure: reply.failure };
  const value = parse(reply.text);
  if (value !== null) return { ok: true, value };
  return { ok: false, failure: { code: 'control.unparsable', evidence: reply.text.trim().split('\n').slice(0, 8) } };
}
