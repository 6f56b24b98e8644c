import * as z from 'zod/mini';
import type { ModemFailure } from '../failure.ts';
import type { ProcessRunner } from '../ports.ts';
import { runTool, toolEvidence } from '../sessions/host-tool.ts';
import { createSessionMemory, type SessionPlace } from '../sessions/session-memory.ts';
import { isNotOpened, refusalOfMbim } from './mbim-refusal.ts';
import { type MbimAction, mbimcliCommand } from './mbimcli-command.ts';
import { parseTransaction } from './mbimcli-replies.ts';

export interface MbimReply {
  readonly text: string;
  /** Null: it worked. */
  readonly failure: ModemFailure | null;
}

/** One MBIM control port, by mbimcli, opened once and kept open over processes. */
export interface MbimPort {
  ask(action: MbimAction, seconds?: number): Promise<MbimReply>;
  /** Whether a function that this host opened is known; asking opens it otherwise, which ends whatever session it had. */
  isOpen(): Promise<boolean>;
  /** Asks one last thing and closes the function. */
  finish(action: MbimAction, seconds?: number): Promise<MbimReply>;
}

const openSchema = z.object({ transaction: z.number() });
/** The tool waits 30 s for an open and for most answers. */
const quickSeconds = 40;

export function createMbimPort(processes: ProcessRunner, place: SessionPlace): MbimPort {
  const memory = createSessionMemory(place, 'mbim', openSchema);

  async function once(action: MbimAction, close: boolean, seconds: number): Promise<MbimReply> {
    const transaction = (await memory.recall())?.transaction ?? null;
    const command = mbimcliCommand(place.controlPath, action, { transaction, close });
    if (!command.ok) return { text: '', failure: command.failure };
    const reply = await runTool(processes, command.value, seconds);
    const next = reply.ok && !close ? parseTransaction(reply.value.text) : null;
    // Without the number the next process could not tell its answers from late ones: it opens afresh.
    if (next === null) await memory.forget();
    else await memory.keep({ transaction: next });
    if (!reply.ok) return { text: '', failure: reply.failure };
    const { exitCode, text } = reply.value;
    if (exitCode === 0) return { text, failure: null };
    return { text, failure: { ...refusalOfMbim(text), evidence: toolEvidence(command.value, text) } };
  }

  async function ask(action: MbimAction, close: boolean, seconds: number): Promise<MbimReply> {
    const reply = await once(action, close, seconds);
    if (reply.failure === null || !isNotOpened(reply.text)) return reply;
    await memory.forget();
    return once(action, close, seconds);
  }

  return {
    ask: (action, seconds = quickSeconds) => ask(action, false, seconds),
    isOpen: async () => (await memory.recall()) !== null,
    finish: (action, seconds = quickSeconds) => ask(action, true, seconds),
  };
}
