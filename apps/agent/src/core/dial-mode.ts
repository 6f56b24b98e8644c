import { chooseDataMode, type DataMode, type HostAbilities, isOffered, type Model, modeObstacle } from '@towline/modem';
import type { ConnectionProfile } from '@towline/protocol';
import type { TroubleCode } from './reactions.ts';

/** By what a modem can be dialled where it is. */
export interface DialMeans {
  /** Whether there is a dial port besides the AT port. */
  readonly hasPppPort: boolean;
  /** Whether QMI or MBIM can be spoken: there is a control port with its network interface. */
  readonly hasControlPort: boolean;
  /** USB id of the modem; null: it is not on USB, and only AT dials it. */
  readonly vidPid: string | null;
  /** What the host can do; null: it has no tools for a data connection. */
  readonly abilities: HostAbilities | null;
}

interface ModeQuestion {
  readonly wanted: ConnectionProfile['dataMode'];
  /** The mode that the modem is in; null where it cannot tell. */
  readonly current: DataMode | null;
  /** What the firmware itself lists; null: it does not say. */
  readonly offered: readonly DataMode[] | null;
  readonly model: Model;
  readonly means: DialMeans;
}

export type ModeAnswer =
  | {
      readonly ok: true;
      readonly mode: DataMode;
      /** The modem has to be switched first. */
      readonly switches: boolean;
      /** Why this one, where nobody named it. */
      readonly reason: string | null;
    }
  | { readonly ok: false; readonly code: TroubleCode; readonly evidence: readonly string[] };

const by = (mode: DataMode, reason: string | null = null): ModeAnswer => ({ ok: true, mode, switches: false, reason });
const refused = (code: TroubleCode, ...evidence: string[]): ModeAnswer => ({ ok: false, code, evidence });

function dialsByAt(model: Model, mode: DataMode): boolean {
  return model.dataModes.modes.some(
    (entry) => entry.mode === mode && entry.dial.some((dialect) => dialect !== 'qmi' && dialect !== 'mbim'),
  );
}

/** Without the host's tools: the modem's own mode where AT can dial it, or PPP, which every composition has. */
function modeByAt({ wanted, current, model, means: { hasPppPort } }: ModeQuestion): ModeAnswer {
  const differs = `wanted ${wanted}, the modem is in ${current ?? 'an unknown mode'}`;
  if (wanted === 'ppp') return hasPppPort ? by('ppp') : refused('mode.unavailable', differs);
  const canTell = model.dataModes.modes.some(({ mode }) => mode === wanted);
  if (wanted !== 'auto' && current === null && canTell) return refused('mode.unread', differs);
  if (wanted !== 'auto' && wanted !== current) return refused('mode.unavailable', differs);
  if (current !== null && current !== 'ppp' && dialsByAt(model, current)) return by(current);
  return hasPppPort && wanted === 'auto' ? by('ppp') : refused('mode.not-by-at', differs);
}

interface HostedQuestion extends ModeQuestion {
  readonly vidPid: string;
  readonly abilities: HostAbilities;
}

const needsControlPort: readonly DataMode[] = ['qmi', 'mbim'];

function modeOnHost(question: HostedQuestion): ModeAnswer {
  const { wanted, current, offered, model, vidPid, means, abilities: host } = question;
  const { hasPppPort, hasControlPort } = means;
  const asked = { model, vidPid, current, offered, host, hasPppPort };
  const isBare = (mode: DataMode) => mode === current && needsControlPort.includes(mode) && !hasControlPort;
  if (wanted === 'auto') {
    const choice = chooseDataMode(asked);
    if (!choice.ok) return refused('mode.unavailable', choice.reason);
    if (!isBare(choice.mode)) return { ok: true, mode: choice.mode, switches: choice.switches, reason: choice.reason };
    const obstacle = modeObstacle(asked, 'ppp');
    return obstacle === null ? by('ppp', `ppp: no driver holds the ${choice.mode} port`) : refused('host.driver-missing', obstacle);
  }
  if (!isOffered(asked, wanted))
    return refused('mode.not-offered', `this firmware offers ${offered?.join(', ') || 'no data mode'}, not ${wanted}`);
  const obstacle = modeObstacle(asked, wanted);
  if (obstacle !== null) return refused('mode.unavailable', `${wanted}: ${obstacle}`);
  if (isBare(wanted)) return refused('host.driver-missing', `no driver holds the ${wanted} port`);
  return { ok: true, mode: wanted, switches: wanted !== 'ppp' && wanted !== current, reason: null };
}

/** The data mode to dial in, and whether the modem has to be switched to it first. */
export function dialMode(question: ModeQuestion): ModeAnswer {
  const { vidPid, abilities } = question.means;
  return vidPid !== null && abilities ? modeOnHost({ ...question, vidPid, abilities }) : modeByAt(question);
}

/** The mode in which the bearer is read: the one to dial in, else the one that the modem is in. */
export function bearerMode(question: ModeQuestion): DataMode {
  const answer = dialMode(question);
  // Before a switch there may be a bearer in the mode that the modem is still in.
  return answer.ok && !answer.switches ? answer.mode : (question.current ?? 'ppp');
}
