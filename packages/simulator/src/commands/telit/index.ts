import { isRegistered } from '../../modem/bearers.ts';
import { withEntry, withStored } from '../../modem/modem-state.ts';
import { offeredModes } from '../../modem/offered-modes.ts';
import { cellOf } from '../../modem/radio.ts';
import { type CommandTable, cme, type Handler, ok, okWith, refused } from '../command.ts';
import { startNetworkCall, stopNetworkCall } from '../network-call.ts';
import { contextNumber } from '../three-gpp/contexts.ts';
import { withSim } from '../three-gpp/sim.ts';

/** PLMN, EARFCN, RSRP, RSSI, RSRQ, TAC, RAC, TXPWR, DRX, MM, RRC, CID, IMSI, name, SD, band (LE910Cx AT reference). Composed. */
const rfsts: Handler = ({ state, world }) => {
  const { rat } = state.running;
  if (!isRegistered(state) || rat === null) return cme(30);
  const cell = cellOf(world.seed, rat);
  const { plmn, name } = world.network;
  const { rsrp, rssi, rsrq } = world.radio();
  const head = `"${plmn.slice(0, 3)} ${plmn.slice(3)}",${cell.channel},${rsrp},${rssi},${rsrq},${cell.area},FF,-32,128,19,0`;
  return ok(`#RFSTS: ${head},${cell.id},"${world.sim()?.imsi ?? ''}","${name}",2,${cell.band}`);
};

const servinfo: Handler = ({ state, world }) => {
  const { rat } = state.running;
  if (!isRegistered(state) || rat === null) return cme(30);
  const cell = cellOf(world.seed, rat);
  const { plmn, name } = world.network;
  const { rssi, rsrp } = world.radio();
  return ok(`#SERVINFO: ${cell.channel},${rssi},"${name}","${plmn}",${cell.physicalId},${cell.area},128,2,${rsrp}`);
};

/** Writing another number restarts the modem by itself. */
const usbcfg: Handler = ({ state, world, command }) => {
  const codes = [...world.character.dataModes];
  if (command.form === 'read') return ok(`#USBCFG: ${codes.find(([, mode]) => mode === state.stored.dataMode)?.[0] ?? '0'}`);
  const offered = offeredModes(world);
  if (command.form === 'test') return ok(`#USBCFG: (${[...offered.keys()].join(',')})`);
  const mode = offered.get(command.args[0] ?? '');
  return mode ? okWith(withStored(state, { dataMode: mode }), [{ kind: 'restart' }]) : cme(50);
};

/** `#ECM=<cid>,<did>`; only in the ECM composition. */
const ecm: Handler = (call) => {
  const { state, command } = call;
  if (command.form === 'read') return ok(`#ECM: 0,${state.running.networkCall === null ? 0 : 1}`);
  const contextId = contextNumber(command.args[0]);
  if (contextId === null) return cme(50);
  return state.running.dataMode === 'ecm' ? startNetworkCall(call, contextId) : cme(3);
};

/** `did,state` and, when up, address, mask, gateway and name servers of the bearer. */
const ecmState: Handler = ({ state }) => {
  const contextId = state.running.networkCall;
  const grant = contextId === null ? undefined : state.running.bearers.get(contextId)?.grant;
  if (!grant) return ok('#ECMC: 0,0');
  const fields = [grant.addresses[0] ?? '', '255.255.255.252', grant.gateway, ...grant.dns];
  return ok(`#ECMC: 0,1,${fields.map((field) => `"${field}"`).join(',')}`);
};

/** Telit's own commands (LE910Cx). */
export const telitCommands: CommandTable = {
  '#RFSTS': rfsts,
  '#SERVINFO': servinfo,
  '#CCID': withSim((_call, sim) => ok(`#CCID: ${sim.iccid}`)),
  '+CCID': withSim((_call, sim) => ok(`+CCID: ${sim.iccid}`)),
  '#PCT': withSim(({ state }, sim) => ok(`#PCT: ${state.running.pin === 'blocked' ? sim.pukTriesLeft() : sim.pinTriesLeft()}`)),
  '#QSS': ({ world }) => ok(`#QSS: 0,${world.sim() ? 1 : 0}`),
  '#TEMPSENS': ({ world, command }) => (command.args[0] === '2' ? ok(`#TEMPSENS: ${world.temperature()}`) : refused),
  '#SWPKGV': ({ world }) => ok(`${world.character.revision}-P0F.660300`, world.character.revision, 'P0F.660300', 'A0F.660300'),
  '#CGMI': ({ world }) => ok(`#CGMI: ${world.character.manufacturer}`),
  '#CGMM': ({ world }) => ok(`#CGMM: ${world.character.product}`),
  '#CGSN': ({ world }) => ok(`#CGSN: ${world.imei}`),
  '#USBCFG': usbcfg,
  '#ECM': ecm,
  '#ECMC': ecmState,
  '#ECMD': (call) => stopNetworkCall(call),
  '#ICMAUTOCONN': ({ state, command }) => {
    if (command.form === 'read') return ok(`#ICMAUTOCONN: ${state.stored.autoDial === null ? 0 : 1},${state.stored.autoDial ?? 1}`);
    const contextId = contextNumber(command.args[1] ?? '1');
    return contextId === null ? cme(50) : okWith(withStored(state, { autoDial: command.args[0] === '1' ? contextId : null }));
  },
  '#REBOOT': () => ({ ...ok(), effects: [{ kind: 'restart' }] }),
  '#BND': ({ state, command }) =>
    command.form === 'read'
      ? ok(`#BND: ${state.stored.settings.get('bnd') ?? '5,11,524420,0'}`)
      : okWith(withStored(state, { settings: withEntry(state.stored.settings, 'bnd', command.args.join(',')) })),
};
