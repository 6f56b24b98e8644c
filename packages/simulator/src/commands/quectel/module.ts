import type { SimSlot } from '@towline/modem';
import { withEntry, withStored } from '../../modem/modem-state.ts';
import { offeredModes } from '../../modem/offered-modes.ts';
import { bandsOf, bandsOfMask, maskOf, withBands } from '../../modem/radio-limits.ts';
import { chooseSlot, shownSlot } from '../../modem/sim-slot.ts';
import type { World } from '../../modem/world.ts';
import { type Answer, type Call, type CommandTable, cme, type Handler, ok, okWith, refused } from '../command.ts';
import { searchWith } from '../search-with.ts';
import { withSim } from '../three-gpp/sim.ts';

/** `+QTEMP: 38,255,255`, as an EC200T answers: 255 is a sensor that is not there. */
export const qtempThree: Handler = ({ world }) => ok(`+QTEMP: ${world.temperature()},255,255`);

/** `+QTEMP: 31,28,28`, as an EP06 answers. */
export const qtempAll: Handler = ({ world }) => ok(`+QTEMP: ${world.temperature()},${world.temperature() - 3},${world.temperature() - 3}`);

/** One line a sensor: `+QTEMP: "soc-thermal","50"`, as an RM500U answers. */
export const qtempNamed: Handler = ({ world }) =>
  ok(
    `+QTEMP: "soc-thermal","${world.temperature() + 4}"`,
    `+QTEMP: "pa-thermal","${world.temperature()}"`,
    `+QTEMP: "ambient-thermal","${world.temperature() - 5}"`,
  );

const qpinc = withSim(({ command }, sim) => {
  const first = `+QPINC: "SC",${sim.pinTriesLeft()},${sim.pukTriesLeft()}`;
  if (command.form === 'read') return ok(first, '+QPINC: "P2",3,10');
  return command.args[0]?.toUpperCase() === 'SC' ? ok(first) : cme(50);
});

/** Settings of `AT+QCFG` that only have to be kept, with what the factory wrote. */
const factorySettings: ReadonlyMap<string, string> = new Map([
  ['nwscanmode', '0'],
  ['nwscanseq', '020301'],
  ['iotopmode', '0'],
  ['servicedomain', '1'],
  ['usbspeed', '"20"'],
  ['urc/ri/other', '"off",120,1'],
]);

/** One line a setting with its values, as the manuals give it. Composed. */
function listedSettings(world: World): readonly string[] {
  const codes = [...offeredModes(world).keys()];
  const kept = [...factorySettings.keys(), 'band'].map((key) => `+QCFG: "${key}"`);
  return codes.length === 0 ? kept : [...kept, `+QCFG: "usbnet",(${codes.join(',')})`];
}

/** Masks in the order of the modem's settings; one that is nought leaves its technology alone, and a last argument says when. */
function qcfgBand(call: Call, values: readonly string[]): Answer {
  const { settings } = call.state.stored;
  const { bands } = call.world.character.limits;
  if (bands.length === 0) return refused;
  if (values.length === 0) return ok(`+QCFG: "band",${bands.map((setting) => `0x${maskOf(bandsOf(settings, setting))}`).join(',')}`);
  const wanted = values.slice(0, bands.length).map(bandsOfMask);
  const isFit = (index: number) => bands[index]?.bands.some((band) => wanted[index]?.includes(band)) ?? false;
  if (wanted.length < bands.length || wanted.some((mask, index) => mask === null || (mask.length > 0 && !isFit(index)))) return refused;
  const written = bands.filter((_setting, index) => (wanted[index]?.length ?? 0) > 0);
  return searchWith(
    call,
    written.reduce((before, setting) => withBands(before, setting, wanted[bands.indexOf(setting)] ?? []), settings),
  );
}

/** `AT+QCFG="usbnet"` and its like: with values it writes, without it reads. The data mode waits for a reset. */
export const qcfg: Handler = (call) => {
  const { state, world, command } = call;
  if (command.form === 'test') return ok(...listedSettings(world));
  const [name = '', ...values] = command.args;
  const key = name.toLowerCase();
  if (key === 'usbnet' && world.character.dataModes.size > 0) {
    const codes = [...world.character.dataModes];
    const stored = codes.find(([, mode]) => mode === state.stored.dataMode)?.[0] ?? '0';
    if (values.length === 0) return ok(`+QCFG: "usbnet",${stored}`);
    const mode = offeredModes(world).get(values[0] ?? '');
    return mode ? okWith(withStored(state, { dataMode: mode })) : refused;
  }
  if (key === 'band') return qcfgBand(call, values);
  const factory = factorySettings.get(key);
  if (factory === undefined) return refused;
  if (values.length === 0) return ok(`+QCFG: "${key}",${state.stored.settings.get(key) ?? factory}`);
  // Of the search settings the last value only says when: at once.
  const kept = key === 'nwscanmode' || key === 'iotopmode' ? (values[0] ?? factory) : values.join(',');
  return searchWith(call, withEntry(state.stored.settings, key, kept));
};

/** `AT+QNWPREFCFG` of the RM5xx: the technologies, and the bands of each. */
const qnwprefcfg: Handler = (call) => {
  const { settings } = call.state.stored;
  const { bands } = call.world.character.limits;
  const [name = '', value] = call.command.args;
  const key = name.toLowerCase();
  const setting = bands.find((one) => one.name === key);
  if (setting && value === undefined) return ok(`+QNWPREFCFG: "${key}",${bandsOf(settings, setting).join(':')}`);
  if (setting) {
    const wanted = (value ?? '').split(':').map(Number);
    return wanted.every((band) => setting.bands.includes(band)) ? searchWith(call, withBands(settings, setting, wanted)) : refused;
  }
  if (key !== 'mode_pref') return refused;
  if (value === undefined) return ok(`+QNWPREFCFG: "${key}",${settings.get(key) ?? 'AUTO'}`);
  return searchWith(call, withEntry(settings, key, value));
};

export const quectelModuleCommands: CommandTable = {
  '+QPINC': qpinc,
  '+QCFG': qcfg,
  '+QGMR': ({ world }) => ok(`${world.character.revision}_01.001.01.001`),
  '+QCCID': withSim((_call, sim) => ok(`+QCCID: ${sim.iccid}`)),
  '+CCID': withSim((_call, sim) => ok(`+CCID: ${sim.iccid}`)),
  '+QSIMSTAT': ({ world }) => ok(`+QSIMSTAT: 0,${world.sim() ? 1 : 0}`),
  '+QINISTAT': ({ world }) => ok(`+QINISTAT: ${world.sim() ? 7 : 0}`),
  '+CSUB': () => ok('SubEdition: V01'),
};

const simSlots: ReadonlyMap<string, SimSlot> = new Map([
  ['1', 1],
  ['2', 2],
]);

/** Only the 5G modules of the vendor. */
export const quectelNrCommands: CommandTable = {
  '+QNWPREFCFG': qnwprefcfg,
  '+QUIMSLOT': ({ state, world, command }) => {
    if (command.form === 'test') return ok('+QUIMSLOT: (1,2)');
    if (command.form === 'read') return ok(`+QUIMSLOT: ${shownSlot(state, world)}`);
    const slot = simSlots.get(command.args[0] ?? '');
    return slot ? okWith(chooseSlot(state, world, slot)) : refused;
  },
};
