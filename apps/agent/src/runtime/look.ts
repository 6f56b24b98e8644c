import type { DataMode, ModemDriver, Reading, SimSlot } from '@towline/modem';
import { type ObservedModem, unseenModem } from '../core/observed.ts';
import type { RadioLimit } from '../core/radio-limits.ts';
import type { ModemPlace } from '../core/usb/modem-place.ts';
import { type ModemHandle, reading } from './modem-handle.ts';

/** What a look is done with. */
export interface LookMeans {
  readonly handle: ModemHandle;
  /** Whether a rule names this of its radio: else the modem is not asked for it. */
  readonly names: (field: RadioLimit['field']) => boolean;
  /** How the bearer that the target wants is dialled. */
  readonly modeOf: (observed: ObservedModem, driver: ModemDriver) => DataMode;
  /** Null for an interface that is not there, or is none of the agent's business. */
  readonly observeHost: (interfaceName: string) => Promise<ObservedModem['host']>;
  /** The registration, and all that follows from it, is asked for from now on: a notice of it that came before tells nothing more. */
  readonly asksRegistration: () => void;
}

function usbSight(place: ModemPlace): ObservedModem['usb'] {
  if (place.kind !== 'usb') return null;
  const { usbPath, attachment, vidPid, role, product, dataMode, unbound, lostAtPort, needsNewId, listedAs } = place.modem;
  return { path: usbPath, attachment, vidPid, role, product, dataMode, unbound, lostAtPort, needsNewId, listedAs };
}

/** A record in the making. */
type Seen = { -readonly [Key in keyof ObservedModem]: ObservedModem[Key] };

/** Values without which the rest still means something: a model may lack them, or a firmware refuse the command. */
async function optional<Value>(operation: () => Promise<Reading<Value>>): Promise<Value | null> {
  const read = await reading(operation);
  return read.ok ? read.value : null;
}

/** Asks in the order in which a modem comes up, and stops where going on makes no sense. */
async function lookOn(driver: ModemDriver, means: LookMeans, seen: Seen): Promise<void> {
  const { handle, names, modeOf, observeHost } = means;
  const needed = async <Value>(operation: () => Promise<Reading<Value>>): Promise<Value | null> => {
    const read = await reading(operation);
    if (!read.ok) seen.failure = read.failure;
    return read.ok ? read.value : null;
  };
  seen.identity = await needed(() => handle.identity(driver));
  if (!seen.identity) return;
  seen.radio = await needed(() => driver.readRadio());
  if (seen.radio !== 'on') return;
  const readSlot = async () => (driver.model.simSlots ? optional<SimSlot | null>(() => driver.readSimSlot()) : null);
  const before = await readSlot();
  const sim = await needed(() => driver.readSim());
  const after = await readSlot();
  // Of which slot the SIM is, is known only where nothing moved while it was read; of one that did not, nothing is told.
  const hasMoved = before !== null && after !== null && before !== after;
  seen.simSlot = before === after ? after : null;
  seen.sim = hasMoved ? null : sim;
  if (seen.sim?.state !== 'ready') return;
  if (names('radioAccess')) {
    const kept = await reading(() => driver.readRadioAccess());
    seen.radioAccess = kept.ok ? (kept.value ?? 'other') : null;
  }
  if (names('bands')) {
    const kept = await reading(() => driver.readBands());
    seen.bands = kept.ok ? (kept.value ?? 'other') : null;
  }
  means.asksRegistration();
  seen.registration = await needed(() => driver.readRegistration());
  seen.signal = await optional(() => driver.readSignal());
  if (seen.registration?.state !== 'home' && seen.registration?.state !== 'roaming') return;
  // What the modem shows on USB counts more than what it says.
  const asks = seen.usb?.dataMode ? optional<DataMode | null> : needed<DataMode | null>;
  seen.dataMode = await asks(() => handle.dataMode(driver));
  if (seen.failure) return;
  // Only a modem on USB is ever switched.
  if (seen.usb) seen.offeredModes = await handle.offeredModes(driver);
  const { attachContext } = driver.model;
  seen.context = await needed(() => driver.readContext(attachContext));
  if (seen.failure) return;
  seen.bearer = await needed(() => driver.readBearer(attachContext, modeOf(seen, driver)));
  const place = handle.lastPlace();
  const network = seen.bearer?.settings?.interface ?? (place.kind === 'usb' ? place.modem.netInterface : null);
  if (seen.bearer && network !== null) seen.host = await observeHost(network);
}

/** One look at one modem, as far as it lets itself be looked at. */
export async function lookAtModem(id: string, means: LookMeans): Promise<ObservedModem> {
  const { handle } = means;
  const opened = await handle.ready();
  const usb = usbSight(handle.lastPlace());
  if (!opened.ok) return { ...unseenModem(id), usb, failure: opened.failure };
  const driver = opened.value;
  const seen: Seen = { ...unseenModem(id), usb, model: driver.model.id, answering: true };
  await lookOn(driver, means, seen);
  // What it answers first tells: a name that is known already says nothing of now.
  const silent = seen.radio === null && (seen.failure?.code === 'at.timeout' || seen.failure?.code === 'at.port-closed');
  // A port that went away in the middle is opened anew by the next look.
  if (seen.failure?.code === 'at.port-closed') await handle.release();
  return { ...seen, answering: !silent && seen.failure?.code !== 'at.port-closed' };
}
