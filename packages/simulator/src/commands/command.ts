import type { ModemState, PortRole } from '../modem/modem-state.ts';
import type { Effect } from '../modem/step.ts';
import type { World } from '../modem/world.ts';

/** `run`: `AT+CSQ`; `read`: `AT+CPIN?`; `test`: `AT+COPS=?`; `set`: `AT+CFUN=1`. */
export type CommandForm = 'run' | 'read' | 'test' | 'set';

/** One command of a command line. Basic commands (`E0`, `D*99#`) have the digits or the number as their only argument. */
export interface Command {
  /** Upper case, with its prefix sign: `+CPIN`, `!GSTATUS`, `E`, `&F`, `D`. */
  readonly name: string;
  readonly form: CommandForm;
  /** Without quotes. */
  readonly args: readonly string[];
}

export interface Call {
  readonly state: ModemState;
  readonly world: World;
  readonly role: PortRole;
  readonly command: Command;
}

/** How a command ends. `not-supported` is `COMMAND NOT SUPPORT`, which some Unisoc and HiSilicon firmware says. */
export type Final =
  | { readonly kind: 'ok' }
  | { readonly kind: 'error' }
  | { readonly kind: 'not-supported' }
  | { readonly kind: 'cme'; readonly code: number }
  | { readonly kind: 'no-carrier' }
  | { readonly kind: 'connect' }
  /** Nothing at all: the modem died over it. */
  | { readonly kind: 'none' };

export interface Answer {
  readonly lines: readonly string[];
  readonly final: Final;
  /** The state after the command; without it nothing changed. */
  readonly state?: ModemState;
  readonly effects?: readonly Effect[];
  /** How long the command works, in milliseconds, on top of the line's own delay. */
  readonly takesMs?: number;
}

export type Handler = (call: Call) => Answer;

/** Commands that a family knows, by name. */
export type CommandTable = Readonly<Record<string, Handler>>;

export function ok(...lines: readonly string[]): Answer {
  return { lines, final: { kind: 'ok' } };
}

export function okWith(state: ModemState, effects: readonly Effect[] = []): Answer {
  return { lines: [], final: { kind: 'ok' }, state, effects };
}

export const refused: Answer = { lines: [], final: { kind: 'error' } };

/** @param code of TS 27.007 clause 9.2 */
export function cme(code: number): Answer {
  return { lines: [], final: { kind: 'cme', code } };
}

/** A command that is accepted and has nothing to do with what is simulated (`AT&C1`, `AT+CRC=1`). */
export const accepted: Handler = () => ok();

/** The whole number in an argument, or null when there is none. */
export function integer(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}
