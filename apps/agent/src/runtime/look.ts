import type { DataMode, ModemDriver, Reading } from '@towline/modem';
import { type ObservedModem, unseenModem } from '../core/observed.ts';
import type { ModemPlace } from '../core/usb/modem-place.ts';
import { type ModemHandle, reading } from './modem-handle.ts';

/** What a look needs to know of the target: how the bearer that it wants is dialled. */
export type BearerModeOf = (observed: ObservedModem, driver: ModemDriver) => DataMode;

function usbSight(place: ModemPlace): ObservedModem['usb'] {
  if (place.kind !== 'usb') return null;
  const { usbPath, vidPid, role, product, dataMode, unbound, needsNewId } = place.modem;
  return { path: usbPath, vidPid, role, product, dataMode, unbound, needsNewId };
}

/** A record in the making. */
type Seen = { -readonly [Key in keyof ObservedModem]: ObservedModem[Key] };

/** Values without which the rest still means something: a model may lack them, or a firmware refuse the command. */
async function optional<Value>(operation: () => Promise<Reading<Value>>): Promise<Value | null> {
  const read = await reading(operation);
  return read.ok ? read.value : null;
}

/** Asks in the order in which a modem comes up, and stops where going on makes no sense. */
async function lookOn(driver: ModemDriver, { handle, modeOf }: { handle: ModemHandle; modeOf: BearerModeOf }, seen: Seen): Promise<void> {
  const needed = async <Value>(operation: () => Promise<Reading<Value>>): Promise<Value | null> => {
    const read = await reading(operation);
    if (!read.ok) seen.failure = read.failure;
    return read.ok ? read.value : null;
  };
  seen.identity = await needed(() => handle.identity(driver));
  if (!seen.identity) return;
  seen.radio = await needed(() => driver.readRadio());
  if (seen.radio !== 'on') return;
  seen.sim = await needed(() => driver.readSim());
  if (seen.sim?.state !== 'ready') return;
  seen.registration = await needed(() => driver.readRegistration());
  seen.signal = await optional(() => driver.readSignal());
  if (seen.registration?.state !== 'home' && seen.registration?.state !== 'roaming') return;
  seen.dataMode = await optional(() => driver.readDataMode());
  const { attachContext } = driver.model;
  seen.context = await needed(() => driver.readContext(attachContext));
  if (seen.failure) return;
  seen.bearer = await needed(() => driver.readBearer(attachContext, modeOf(seen, driver)));
}

/** One look at one modem, as far as it lets itself be looked at. */
export async function lookAtModem(id: string, handle: ModemHandle, modeOf: BearerModeOf): Promise<ObservedModem> {
  const opened = await handle.ready();
  const usb = usbSight(handle.lastPlace());
  if (!opened.ok) return { ...unseenModem(id), usb, failure: opened.failure };
  const driver = opened.value;
  const seen: Seen = { ...unseenModem(id), usb, model: driver.model.id, answering: true };
  await lookOn(driver, { handle, modeOf }, seen);
  const silent = seen.identity === null && (seen.failure?.code === 'at.timeout' || seen.failure?.code === 'at.port-closed');
  // A port that went away in the middle is opened anew by the next look.
  if (seen.failure?.code === 'at.port-closed') await handle.release();
  return { ...seen, answering: !silent && seen.failure?.code !== 'at.port-closed' };
}
