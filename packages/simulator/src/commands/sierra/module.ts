import type { DataMode, SimSlot } from '@towline/modem';
import { withEntry, withRunning, withStored } from '../../modem/modem-state.ts';
import { offeredModes } from '../../modem/offered-modes.ts';
import { bandsOf, bandsOfMask, maskOf, withBands } from '../../modem/radio-limits.ts';
import { chooseSlot, shownSlot } from '../../modem/sim-slot.ts';
import type { World } from '../../modem/world.ts';
import { type Answer, type Call, type CommandTable, type Handler, integer, ok, okWith, refused } from '../command.ts';
import { startNetworkCall, stopNetworkCall } from '../network-call.ts';
import { searchWith } from '../search-with.ts';
import { contextNumber } from '../three-gpp/contexts.ts';
import { pinCounters, withSim } from '../three-gpp/sim.ts';

const functions: readonly (readonly [bit: number, name: string])[] = [
  [0x1, 'diag'],
  [0x4, 'nmea'],
  [0x8, 'modem'],
  [0x100, 'rmnet0'],
  [0x400, 'rmnet1'],
  [0x1000, 'mbim'],
];

/** Settings under which the composition is kept. */
export const compositionType = 'usbcomp.type';
export const compositionMask = 'usbcomp.mask';

function modeOf(mask: number): DataMode | null {
  if ((mask & 0x1000) !== 0) return 'mbim';
  return (mask & 0x500) === 0 ? null : 'qmi';
}

/** A function of the bitmask is missing where no data mode of this firmware is carried by it. */
function isOffered(world: World, bit: number): boolean {
  const mode = modeOf(bit);
  return mode === null || [...offeredModes(world).values()].includes(mode);
}

/** `AT!USBCOMP`: what a configuration type means depends on the firmware, so that `=?` has to be read first. */
export function usbComposition(typeNames: Readonly<Record<string, string>>, factoryType: string): Handler {
  return ({ state, world, command }) => {
    const { settings } = state.stored;
    if (command.form === 'test') {
      const names = Object.entries(typeNames).map(([number, name]) => `${number}:${name}`);
      return ok(
        '!USBCOMP: ',
        '!USBCOMP: <Config Index>,<Config Type>,<Interface bitmask>',
        '  <Config Index>:      configuration index to which the composition applies, should be 1',
        `  <Config Type>:       ${names.join(', ')}`,
        ...functions
          .filter(([bit]) => isOffered(world, bit))
          .map(([bit, name]) => `  <Interface bitmask>: ${name.toUpperCase()} - 0x${bit.toString(16).padStart(8, '0')}`),
      );
    }
    if (command.form === 'read') {
      const type = settings.get(compositionType) ?? factoryType;
      // One that left the factory in another composition says so, though nobody has written it since.
      const factoryMask = state.stored.dataMode === 'mbim' ? '100D' : '10D';
      const mask = Number.parseInt(settings.get(compositionMask) ?? factoryMask, 16);
      const names = functions.filter(([bit]) => (mask & bit) !== 0).map(([, name]) => name);
      const shown = mask.toString(16).toUpperCase().padStart(8, '0');
      return ok('Config Index: 1', `Config Type:  ${type} (${typeNames[type] ?? ''})`, `Interface bitmask: ${shown} (${names.join(',')})`);
    }
    const [index, type = '', bits = ''] = command.args;
    const mode = modeOf(Number.parseInt(bits, 16));
    if (!state.running.unlocked || index !== '1' || !(type in typeNames) || mode === null) return refused;
    if (![...offeredModes(world).values()].includes(mode)) return refused;
    const kept = withEntry(withEntry(settings, compositionType, type), compositionMask, bits.toUpperCase());
    return okWith(withStored(state, { settings: kept, dataMode: mode }));
  };
}

/** `$QCPDPP=<cid>,<auth>,"password","user"`: the password stands before the user. */
const qcpdpp: Handler = ({ state, command }) => {
  const { auth } = state.stored;
  if (command.form === 'read') return ok(...[...auth].map(([id, one]) => `$QCPDPP: ${id},${one.method}`));
  const contextId = contextNumber(command.args[0]);
  const method = integer(command.args[1] ?? '0');
  if (contextId === null || method === null || method > 2) return refused;
  const [, , password = '', username = ''] = command.args;
  return okWith(withStored(state, { auth: withEntry(auth, contextId, method === 0 ? null : { method, username, password }) }));
};

const scact: Handler = (call) => {
  const { state, command } = call;
  if (command.form === 'read') {
    return ok(...[...state.stored.contexts.keys()].map((id) => `!SCACT: ${id},${state.running.networkCall === id ? 1 : 0}`));
  }
  const contextId = contextNumber(command.args[1] ?? '1');
  if (contextId === null) return refused;
  return command.args[0] === '1' ? startNetworkCall(call, contextId) : stopNetworkCall(call);
};

/** Sets of bands by a hexadecimal index: 00 is all that the modem has, the host's own begin at 10 and are defined before they are selected. */
const bandSet: Handler = (call) => {
  const { state, world, command } = call;
  const { settings } = state.stored;
  const { bands } = world.character.limits;
  if (command.form !== 'set') {
    const selected = settings.get('band.set') ?? '00';
    const masks = bands.map((setting) => maskOf(bandsOf(settings, setting)).toUpperCase().padStart(16, '0'));
    return ok(
      'Index, Name,                        GW Band Mask     L Band Mask      TDS Band Mask    ',
      `${selected}, ${(selected === '00' ? 'All bands' : (settings.get('band.name') ?? '')).padEnd(31)} ${masks.join(' ')}`,
    );
  }
  const [index = '', name, ...masks] = command.args;
  if (!state.running.unlocked) return refused;
  if (name === undefined) return selectBands(call, index);
  const wanted = masks.map(bandsOfMask);
  if (index !== '10' || wanted.length !== bands.length || wanted.includes(null)) return refused;
  return okWith(withStored(state, { settings: withEntry(withEntry(settings, 'band.name', name), 'band.masks', masks.join(',')) }));
};

function selectBands(call: Call, index: string): Answer {
  const { settings } = call.state.stored;
  const { bands } = call.world.character.limits;
  const masks = settings.get('band.masks')?.split(',');
  if (index !== '00' && (index !== '10' || !masks)) return refused;
  const wanted = bands.map((setting, place) => (index === '00' ? setting.bands : (bandsOfMask(masks?.[place] ?? '') ?? [])));
  const written = bands.reduce((before, setting, place) => withBands(before, setting, wanted[place] ?? []), settings);
  return searchWith(call, withEntry(written, 'band.set', index));
}

const simSlots: ReadonlyMap<string, SimSlot> = new Map([
  ['0', 1],
  ['1', 2],
]);

export const sierraModuleCommands: CommandTable = {
  ...pinCounters,
  '!ENTERCND': ({ state, command }) => (command.args[0] === 'A710' ? okWith(withRunning(state, { unlocked: true })) : refused),
  '!RESET': () => ({ ...ok(), effects: [{ kind: 'restart' }] }),
  '!SCACT': scact,
  $QCPDPP: qcpdpp,
  '!ICCID': withSim((_call, sim) => ok(`!ICCID: ${sim.iccid}`)),
  '+ICCID': withSim((_call, sim) => ok(`ICCID: ${sim.iccid}`)),
  '+CCID': withSim((_call, sim) => ok(`+CCID: ${sim.iccid}`)),
  '!UIMS': ({ state, world, command }) => {
    if (command.form === 'read') return ok(`!UIMS: ${shownSlot(state, world) - 1}`);
    const slot = simSlots.get(command.args[0] ?? '');
    return slot ? okWith(chooseSlot(state, world, slot)) : refused;
  },
  '!PRIID': ({ world }) => ok('PRI Part Number: 9999999', 'Revision: 001.000', `Customer: Generic ${world.character.product}`),
  '!IMPREF': () =>
    ok(
      '!IMPREF: ',
      'preferred fw version:   02.33.03.00',
      'preferred carrier name: GENERIC',
      'preferred config name:  GENERIC_002.072_000',
    ),
  '!SELRAT': (call) =>
    call.command.form === 'read'
      ? ok(`!SELRAT: ${call.state.stored.settings.get('selrat') ?? '00'}, Automatic`)
      : searchWith(call, withEntry(call.state.stored.settings, 'selrat', call.command.args[0] ?? '00')),
  '!BAND': bandSet,
};
