import { Fault } from '@towline/kit';
import { type DataMode, modelById, type UsbId } from '@towline/modem';

function idsOf(model: string): readonly UsbId[] {
  return modelById(model)?.usb.ids ?? [];
}

function noId(model: string, role: UsbId['role']): Fault {
  return new Fault('simulator.unknown-usb-id', `${model} has no USB id for ${role}`);
}

/**
 * The id under which a modem shows itself in a data mode: the preferred one where its composition has that mode, else the id of
 * the composition that has it (a Telit module changes its product id with `AT#USBCFG`).
 * @throws Fault `simulator.unknown-usb-id`
 */
export function appIdOf(model: string, dataMode: DataMode, preferred?: string): string {
  const first = preferred ?? idsOf(model).find(({ role }) => role === 'app')?.vidPid;
  if (first === undefined) throw noId(model, 'app');
  const layouts = modelById(model)?.usb.layouts.filter(({ dataModes }) => dataModes.includes(dataMode)) ?? [];
  if (layouts.some(({ vidPids }) => vidPids.includes(first))) return first;
  return layouts[0]?.vidPids[0] ?? first;
}

/**
 * The id of the boot loader that belongs to an id: that of the same vendor where there is one.
 * @throws Fault `simulator.unknown-usb-id`
 */
export function bootIdOf(model: string, appId: string): string {
  const oem = idsOf(model).find(({ vidPid }) => vidPid === appId)?.oem;
  const boots = idsOf(model).filter(({ role }) => role === 'boot');
  const found = boots.find((id) => id.oem === oem) ?? boots[0];
  if (!found) throw noId(model, 'boot');
  return found.vidPid;
}
