import { withEntry, withStored } from '../../modem/modem-state.ts';
import { offeredModes } from '../../modem/offered-modes.ts';
import type { World } from '../../modem/world.ts';
import { type CommandTable, cme, type Handler, ok, okWith, refused } from '../command.ts';
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
  ['band', '0xf,0x400a0e189f,0xa0e189f'],
  ['usbspeed', '"20"'],
  ['urc/ri/other', '"off",120,1'],
]);

/** One line a setting with its values, as the manuals give it. Composed. */
function listedSettings(world: World): readonly string[] {
  const codes = [...offeredModes(world).keys()];
  const kept = [...factorySettings.keys()].map((key) => `+QCFG: "${key}"`);
  return codes.length === 0 ? kept : [...kept, `+QCFG: "usbnet",(${codes.join(',')})`];
}

/** `AT+QCFG="usbnet"` and its like: with values it writes, without it reads. The data mode waits for a reset. */
export const qcfg: Handler = ({ state, world, command }) => {
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
  const factory = factorySettings.get(key);
  if (factory === undefined) return refused;
  if (values.length === 0) return ok(`+QCFG: "${key}",${state.stored.settings.get(key) ?? factory}`);
  return okWith(withStored(state, { settings: withEntry(state.stored.settings, key, values.join(',')) }));
};

/** `AT+QNWPREFCFG="mode_pref"` of the RM5xx: kept and read back. */
const qnwprefcfg: Handler = ({ state, command }) => {
  const [name = '', value] = command.args;
  const key = `qnwprefcfg.${name.toLowerCase()}`;
  if (value === undefined) return ok(`+QNWPREFCFG: "${name.toLowerCase()}",${state.stored.settings.get(key) ?? 'AUTO'}`);
  return okWith(withStored(state, { settings: withEntry(state.stored.settings, key, value) }));
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

/** Only the 5G modules of the vendor. */
export const quectelNrCommands: CommandTable = {
  '+QNWPREFCFG': qnwprefcfg,
  '+QUIMSLOT': ({ command }) => (command.form === 'test' ? ok('+QUIMSLOT: (1,2)') : ok('+QUIMSLOT: 1')),
};
