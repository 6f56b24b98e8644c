import type { ModemFailure, Reading } from '../failure.ts';
import { failed } from '../operations/modem-link.ts';
import type { Argv, ProcessRunner } from '../ports.ts';

/** A command of a stock tool. Only builders that check every value make one. */
export interface ToolCommand {
  readonly argv: Argv;
  /** Values that must not be shown. */
  readonly secrets: readonly string[];
}

export interface ToolReply {
  readonly exitCode: number;
  /** Standard output, then standard error. */
  readonly text: string;
}

const maxOutputBytes = 64 * 1024;
const maxEvidence = 12;
const shortages: ReadonlySet<string> = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE']);

/** The command and what the tool said, fit to be shown. */
export function toolEvidence({ argv, secrets }: ToolCommand, text: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  // Warnings of GLib are about the host's own way to the port, never about the modem.
  const spoken = lines.filter((line) => line !== '' && !line.includes('-Warning **')).slice(-maxEvidence);
  return [`> ${argv.join(' ')}`, ...spoken].map((line) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), line));
}

/** What only a person mends of a program that does not start; null: the host is short of memory, processes or files just now. */
export function notStarted(reason: string): 'host.not-permitted' | 'host.tool-missing' | null {
  if (reason === 'EACCES' || reason === 'EPERM') return 'host.not-permitted';
  return shortages.has(reason) ? null : 'host.tool-missing';
}

/** Runs a tool to its end. Its exit code is the caller's to judge; that it is missing, hangs or was killed is not. */
export async function runTool(processes: ProcessRunner, command: ToolCommand, seconds: number): Promise<Reading<ToolReply>> {
  const { end, stdout, stderr } = await processes.run(command.argv, { timeoutMs: seconds * 1000, maxOutputBytes });
  const text = `${stdout}\n${stderr}`;
  const evidence = toolEvidence(command, text);
  const fail = (code: ModemFailure['code'], what: string) => failed({ code, evidence: [...evidence, what] });
  switch (end.kind) {
    case 'exited':
      return { ok: true, value: { exitCode: end.code, text } };
    case 'timed-out':
      return fail('control.timeout', `(no end within ${seconds} s)`);
    case 'killed':
      return fail('control.timeout', `(killed by ${end.signal})`);
    case 'not-started':
      return fail(notStarted(end.reason) ?? 'control.timeout', `(did not start: ${end.reason})`);
  }
}
