import { isRegistered } from '../../modem/bearers.ts';
import { withEntry, withStored } from '../../modem/modem-state.ts';
import { offeredModes } from '../../modem/offered-modes.ts';
import { cellOf } from '../../modem/radio.ts';
import { type CommandTable, type Handler, ok, okWith, refused } from '../command.ts';
import { startNetworkCall, stopNetworkCall } from '../network-call.ts';
import { searchWith } from '../search-with.ts';
import { contextNumber } from '../three-gpp/contexts.ts';
import { pinCounters, withSim } from '../three-gpp/sim.ts';

/** RSRQ, RSRP and RSSI in tenths (SIM7600 AT manual, AT+CPSI). Composed. */
const cpsi: Handler = ({ state, world }) => {
  const { rat, functionality } = state.running;
  const mode = functionality === 1 ? 'Online' : 'Low Power Mode';
  if (!isRegistered(state) || rat === null) return ok(`+CPSI: NO SERVICE,${mode}`);
  const cell = cellOf(world.seed, rat);
  const { plmn } = world.network;
  const { rsrq, rsrp, rssi, sinr } = world.radio();
  const place = `${plmn.slice(0, 3)}-${plmn.slice(3)},0x${cell.area},${Number.parseInt(cell.id, 16)},${cell.physicalId}`;
  const radio = `EUTRAN-BAND${cell.band},${cell.channel},5,5,${rsrq * 10},${rsrp * 10},${rssi * 10},${sinr}`;
  return ok(`+CPSI: LTE,${mode},${place},${radio}`);
};

/** `usbid,<vid>,<pid>`: the product id is the composition. */
const cusbcfg: Handler = ({ state, world, command }) => {
  const codes = [...world.character.dataModes];
  if (command.form === 'read') {
    const code = codes.find(([, mode]) => mode === state.stored.dataMode)?.[0] ?? '9001';
    return ok(`+CUSBCFG: USBID,1e0e,${code}`);
  }
  const [what, vendor, product = ''] = command.args;
  const mode = offeredModes(world).get(product);
  if (what?.toLowerCase() !== 'usbid' || vendor?.toLowerCase() !== '1e0e' || !mode) return refused;
  return okWith(withStored(state, { dataMode: mode }));
};

/** `=1,<profile>` dials, `=0,<profile>` hangs up; the reply names the IP family. */
const qcrmcall: Handler = (call) => {
  const { state, command } = call;
  if (command.form === 'read') return state.running.networkCall === null ? ok() : ok('$QCRMCALL: 1,V4');
  const contextId = contextNumber(command.args[3] ?? '1');
  if (contextId === null) return refused;
  if (command.args[0] !== '1') return { ...stopNetworkCall(call), lines: ['$QCRMCALL: 0,V4'] };
  const answer = startNetworkCall(call, contextId);
  if (answer.final.kind === 'ok') return { ...answer, lines: ['$QCRMCALL: 1,V4'] };
  return { ...answer, final: { kind: 'no-carrier' } };
};

/** SIMCom's own commands (SIM7500/SIM7600 series). */
export const simcomCommands: CommandTable = {
  ...pinCounters,
  '+CPSI': cpsi,
  '+SPIC': withSim((_call, sim) => ok(`+SPIC: ${sim.pinTriesLeft()},${sim.pukTriesLeft()},3,10`)),
  '+CICCID': withSim((_call, sim) => ok(`+ICCID: ${sim.iccid}`)),
  '+CPMUTEMP': ({ world }) => ok(`+CPMUTEMP: ${world.temperature()}`),
  '+CGMR': ({ world }) => ok(`+CGMR: ${world.character.revision}`),
  '+CUSBCFG': cusbcfg,
  '+CUSBPIDSWITCH': ({ state }) => ok(`+CUSBPIDSWITCH: ${state.running.dataMode === 'qmi' ? 9001 : 9011}`),
  $QCRMCALL: qcrmcall,
  '+CRESET': () => ({ ...ok(), effects: [{ kind: 'restart' }] }),
  '+CNMP': (call) =>
    call.command.form === 'read'
      ? ok(`+CNMP: ${call.state.stored.settings.get('cnmp') ?? '2'}`)
      : searchWith(call, withEntry(call.state.stored.settings, 'cnmp', call.command.args[0] ?? '2')),
};
