import type { DataMode, Model } from '@towline/modem';
import type { ConnectionProfile } from '@towline/protocol';
import type { TroubleCode } from './reactions.ts';

interface ModeQuestion {
  readonly wanted: ConnectionProfile['dataMode'];
  /** The mode that the modem is in; null where it cannot tell. */
  readonly current: DataMode | null;
  readonly model: Model;
  readonly hasPppPort: boolean;
  readonly hasControlPort: boolean;
}

export type ModeAnswer = { readonly ok: true; readonly mode: DataMode } | { readonly ok: false; readonly code: TroubleCode };

function dialsByAt(model: Model, mode: DataMode): boolean {
  return model.dataModes.modes.some(
    (entry) => entry.mode === mode && entry.dial.some((dialect) => dialect !== 'qmi' && dialect !== 'mbim'),
  );
}

const byControlPort: readonly (DataMode | null)[] = ['qmi', 'mbim'];

/** The data mode to dial in. `auto` keeps the modem's own where it can be dialled, and falls back to PPP, which every composition has. */
export function dialMode({ wanted, current, model, hasPppPort, hasControlPort }: ModeQuestion): ModeAnswer {
  if (wanted === 'ppp') return hasPppPort ? { ok: true, mode: 'ppp' } : { ok: false, code: 'mode.unavailable' };
  if (wanted !== 'auto' && wanted !== current) return { ok: false, code: 'mode.unavailable' };
  const byControl = hasControlPort && byControlPort.includes(current);
  if (current !== null && current !== 'ppp' && (byControl || dialsByAt(model, current))) return { ok: true, mode: current };
  return hasPppPort && wanted === 'auto' ? { ok: true, mode: 'ppp' } : { ok: false, code: 'mode.not-by-at' };
}

/** The mode in which the bearer is read: the one to dial in, else the one that the modem is in. */
export function bearerMode(question: ModeQuestion): DataMode {
  const answer = dialMode(question);
  return answer.ok ? answer.mode : (question.current ?? 'ppp');
}
