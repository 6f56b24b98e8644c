import type { DataMode } from '../driver.ts';
import { type ModeQuestion, modeObstacle } from './mode-obstacle.ts';

export interface ModeRefusal {
  readonly mode: DataMode;
  readonly because: string;
}

export type ModeChoice =
  | {
      readonly ok: true;
      readonly mode: DataMode;
      /** The modem must be switched, which writes its flash and restarts it. */
      readonly switches: boolean;
      /** For a person to read. */
      readonly reason: string;
      readonly refused: readonly ModeRefusal[];
    }
  | { readonly ok: false; readonly reason: string; readonly refused: readonly ModeRefusal[] };

/** Best first: without a NAT in the module and with settings that the network told, before DHCP from the module, before PPP. */
const preference: readonly DataMode[] = ['qmi', 'mbim', 'ecm', 'ncm', 'rndis', 'ppp'];

function canSwitchTo({ model }: ModeQuestion, mode: DataMode): boolean {
  const { appliedBy, dialect, modes } = model.dataModes;
  const code = modes.find((entry) => entry.mode === mode)?.code ?? null;
  return code !== null && appliedBy !== 'never' && dialect !== 'fixed' && dialect !== 'setport';
}

/** The modes that may be had, in the order in which they are taken. */
function candidates(question: ModeQuestion): readonly DataMode[] {
  const { current, model } = question;
  const others = preference.filter((mode) => mode !== current && mode !== 'ppp' && canSwitchTo(question, mode));
  const risky = model.quirks.includes('mode-switch-can-lose-at-port');
  const own: readonly DataMode[] = current === null || current === 'ppp' ? [] : [current];
  return risky ? [...own, 'ppp', ...others] : [...own, ...others, 'ppp'];
}

function reasonFor({ current }: ModeQuestion, mode: DataMode, refused: readonly ModeRefusal[]): string {
  const why = refused.map((one) => `${one.mode}: ${one.because}`).join('; ');
  if (mode === current) return `${mode}: the modem is in it, and this host can use it`;
  const what =
    mode === 'ppp' ? 'ppp: every composition of this modem has a dial port' : `${mode}: the best that this host can use, after a switch`;
  return why === '' ? what : `${what} (${why})`;
}

/**
 * The data mode for `auto`. The mode that the modem is in is kept where this host can use it: a switch writes flash and costs a
 * restart. A switch that might take the AT port away comes last.
 */
export function chooseDataMode(question: ModeQuestion): ModeChoice {
  const refused: ModeRefusal[] = [];
  for (const mode of candidates(question)) {
    const because = modeObstacle(question, mode);
    if (because === null) {
      const switches = mode !== 'ppp' && mode !== question.current;
      return { ok: true, mode, switches, reason: reasonFor(question, mode, refused), refused };
    }
    refused.push({ mode, because });
  }
  return { ok: false, reason: refused.map((one) => `${one.mode}: ${one.because}`).join('; '), refused };
}
