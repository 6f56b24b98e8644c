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

/** `lost`: replies in a row that did not come, or without the number to go on from. */
const openSchema = z.object({ transaction: z.number(), lost: z._default(z.number(), 0) });
type Open = z.infer<typeof openSchema>;
/** More than one run uses up: its late answers are taken for nobody's. */
const transactionsOfRun = 16;
/** A function that is as silent as that may hang, which opening it ends (MBIM 1.0 clause 9.4.1); sooner would end a session for one hiccup. */
const maxLost = 3;
/** The tool waits 30 s for an open and for most answers. */
const quickSeconds = 40;

/** The function once another run of the tool is over; null: it has to be opened. `next` is the number that the tool told to go on from. */
function openAfter(before: Open | null, next: number | null): Open | null {
  if (next !== null) return { transaction: next, lost: 0 };
  if (before === null || before.lost + 1 >= maxLost) return null;
  return { transaction: before.transaction + transactionsOfRun, lost: before.lost + 1 };
}

export function createMbimPort(processes: ProcessRunner, place: SessionPlace): MbimPort {
  const memory = createSessionMemory(place, 'mbim', openSchema);

  async function once(action: MbimAction, close: boolean, seconds: number): Promise<MbimReply> {
    const before = await memory.recall();
    const command = mbimcliCommand(place.controlPath, action, { transaction: before?.transaction ?? null, close });
    if (!command.ok) return { text: '', failure: command.failure };
    const reply = await runTool(processes, command.value, seconds);
    const open = close ? null : openAfter(before, reply.ok ? parseTransaction(reply.value.text) : null);
    if (open === null) await memory.forget();
    else await memory.keep(open);
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
