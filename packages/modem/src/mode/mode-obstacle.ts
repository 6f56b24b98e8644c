import type { DataMode } from '../driver.ts';
import type { Model } from '../models/model.schema.ts';
import { usbLayout } from '../models/models.ts';

/** A program of the host that some data mode needs. */
export type HostProgram = 'ip' | 'qmicli' | 'mbimcli' | 'pppd' | 'chat' | 'udhcpc';

/** What this host can do, found once. */
export interface HostAbilities {
  /** As `uname -r` says: `6.1.0-37-amd64`. */
  readonly kernel: string;
  /** Kernel modules that are loaded, built in, or there to be loaded. */
  readonly modules: ReadonlySet<string>;
  readonly programs: ReadonlySet<HostProgram>;
  /** `/dev/ppp` opens. */
  readonly hasPpp: boolean;
}

export interface ModeQuestion {
  readonly model: Model;
  /** `2c7c:0125`. */
  readonly vidPid: string;
  /** The mode that the modem is in; null where it cannot tell. */
  readonly current: DataMode | null;
  readonly host: HostAbilities;
  /** Whether a dial port besides the AT port is there. */
  readonly hasPppPort: boolean;
  /** What the firmware itself lists; null: it does not say. */
  readonly offered: readonly DataMode[] | null;
}

const programs: Readonly<Record<DataMode, readonly HostProgram[]>> = {
  qmi: ['qmicli', 'ip'],
  mbim: ['mbimcli', 'ip'],
  ecm: ['udhcpc', 'ip'],
  rndis: ['udhcpc', 'ip'],
  ncm: ['udhcpc', 'ip'],
  ppp: ['pppd', 'chat'],
};

/** Raw IP came to qmi_wwan with 4.5 (field report of an MC7455; kernel commit 32f7adf633b9). */
const rawIpSince = [4, 5] as const;

function isOlder(kernel: string, [major, minor]: readonly [number, number]): boolean {
  const [, theirs = '', patch = ''] = /^(\d+)\.(\d+)/.exec(kernel) ?? [];
  if (theirs === '') return false;
  return Number(theirs) < major || (Number(theirs) === major && Number(patch) < minor);
}

/** Sessions by tools go by the control port; the others need a dial command that AT knows. */
function isDialled(model: Model, mode: DataMode): boolean {
  const dialects = model.dataModes.modes.find((entry) => entry.mode === mode)?.dial ?? [];
  return mode === 'qmi' || mode === 'mbim' ? dialects.includes(mode) : dialects.some((dialect) => dialect !== 'qmi' && dialect !== 'mbim');
}

function missingModule({ model, vidPid, host }: ModeQuestion, mode: DataMode): string | null {
  const layout = usbLayout(model, vidPid, mode);
  const network = layout?.interfaces.find((one) => one.function === 'network');
  // A layout of another mode says nothing about this one's driver.
  if (!network || !layout?.dataModes.includes(mode)) return null;
  return host.modules.has(network.driver) ? null : network.driver;
}

function pppObstacle({ host, hasPppPort }: ModeQuestion): string | null {
  if (!hasPppPort) return 'the modem shows no dial port besides its AT port';
  return host.hasPpp ? null : 'this kernel has no PPP (/dev/ppp, CONFIG_PPP)';
}

/** Whether the firmware's own list has this data mode, or does not say. The mode that the modem is in needs no list. */
export function isOffered({ model, current, offered }: Pick<ModeQuestion, 'model' | 'current' | 'offered'>, mode: DataMode): boolean {
  const isCoded = model.dataModes.modes.some((entry) => entry.mode === mode && entry.code !== null);
  return !offered || !isCoded || mode === current || offered.includes(mode);
}

/** What keeps this host and modem from a data mode, for a person to read; null: nothing known does. */
export function modeObstacle(question: ModeQuestion, mode: DataMode): string | null {
  const { model, host } = question;
  if (!isDialled(model, mode)) return `${model.name} has no such data mode`;
  if (!isOffered(question, mode)) return 'this firmware does not offer it';
  const program = programs[mode].find((name) => !host.programs.has(name));
  if (program !== undefined) return `${program} is not installed`;
  if (mode === 'ppp') return pppObstacle(question);
  const driver = missingModule(question, mode);
  if (driver !== null) return `the kernel module ${driver} is missing`;
  if (mode === 'qmi' && model.quirks.includes('raw-ip-mandatory') && isOlder(host.kernel, rawIpSince)) {
    return `kernel ${host.kernel} has no raw IP for QMI, which came with ${rawIpSince.join('.')}`;
  }
  return null;
}
