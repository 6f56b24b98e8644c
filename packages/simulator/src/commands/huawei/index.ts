import { isRegistered } from '../../modem/bearers.ts';
import { withEntry, withStored } from '../../modem/modem-state.ts';
import { type Answer, type Call, type CommandTable, cme, type Handler, integer, ok, okWith } from '../command.ts';
import { startNetworkCall, stopNetworkCall } from '../network-call.ts';
import { contextNumber } from '../three-gpp/contexts.ts';
import { withSim } from '../three-gpp/sim.ts';

/** RSSI from -121, RSRP from -141, SINR in fifths of a dB from -20.2, RSRQ in half dB from -20 (ME909s AT manual). Composed. */
const hcsq: Handler = ({ state, world }) => {
  if (!isRegistered(state)) return ok('^HCSQ: "NOSERVICE"');
  const { rssi, rsrp, sinr, rsrq } = world.radio();
  const bounded = (value: number, top: number): number => Math.max(0, Math.min(top, Math.round(value)));
  const values = [bounded(rssi + 121, 96), bounded(rsrp + 141, 97), bounded((sinr + 20.2) * 5, 251), bounded((rsrq + 20) * 2, 34)];
  return ok(`^HCSQ: "LTE",${values.join(',')}`);
};

function dialNdis(call: Call, contextId: number, fields: readonly string[]): Answer {
  const [accessPoint, username = '', password = '', method] = fields;
  const { contexts, auth } = call.state.stored;
  const type = contexts.get(contextId)?.type ?? 'IP';
  const named = accessPoint === undefined ? contexts : withEntry(contexts, contextId, { type, accessPoint });
  const credentials = username === '' ? auth : withEntry(auth, contextId, { method: integer(method) ?? 1, username, password });
  return startNetworkCall({ ...call, state: withStored(call.state, { contexts: named, auth: credentials }) }, contextId);
}

/** `<cid>,<1|0>[,"apn"[,"user"[,"pass"[,<auth>]]]]` */
const ndisdup: Handler = (call) => {
  const [id, on, ...fields] = call.command.args;
  const contextId = contextNumber(id);
  if (contextId === null) return cme(50);
  return on === '1' ? dialNdis(call, contextId, fields) : stopNetworkCall(call);
};

/** An IPv4 address as eight hexadecimal digits, last octet first. */
function reversedHex(address: string): string {
  const octets = address.split('.').map((octet) => Number(octet).toString(16).toUpperCase().padStart(2, '0'));
  return octets.reverse().join('');
}

const dhcp: Handler = ({ state }) => {
  const contextId = state.running.networkCall;
  const grant = contextId === null ? undefined : state.running.bearers.get(contextId)?.grant;
  const address = grant?.addresses.find((one) => !one.includes(':'));
  if (!grant || !address) return cme(3);
  const words = [address, '255.255.255.252', grant.gateway, grant.gateway, ...grant.dns].map(reversedHex);
  return ok(`^DHCP: ${words.join(',')},150000000,50000000`);
};

/** `<cid>,<auth>,"<plmn>","<password>","<user>"`; the order is not verified. */
const authdata: Handler = ({ state, command }) => {
  const { auth } = state.stored;
  if (command.form === 'read') return ok(...[...auth].map(([id, one]) => `^AUTHDATA: ${id},${one.method},"","","${one.username}"`));
  const contextId = contextNumber(command.args[0]);
  const method = integer(command.args[1] ?? '0');
  if (contextId === null || method === null || method > 3) return cme(50);
  const [, , , password = '', username = ''] = command.args;
  return okWith(withStored(state, { auth: withEntry(auth, contextId, method === 0 ? null : { method, username, password }) }));
};

const lockWords = { verified: 'READY', asked: 'SIM PIN', blocked: 'SIM PUK' } as const;

/** Huawei's own commands (ME909s, ME909u). */
export const huaweiCommands: CommandTable = {
  '^HCSQ': hcsq,
  '^ICCID': withSim((_call, sim) => ok(`^ICCID: ${sim.iccid}`)),
  '^CPIN': withSim(({ state }, sim) => ok(`^CPIN: ${lockWords[state.running.pin]},,${sim.pukTriesLeft()},${sim.pinTriesLeft()},10,3`)),
  '^CHIPTEMP': ({ world }) => {
    const tenths = world.temperature() * 10;
    return ok(`^CHIPTEMP: ${tenths},${tenths},${tenths},${tenths - 20},65535`);
  },
  '^NDISDUP': ndisdup,
  '^NDISSTATQRY': ({ state }) => ok(`^NDISSTATQRY: ${state.running.networkCall === null ? 0 : 1},,,"IPV4"`),
  '^DHCP': dhcp,
  '^AUTHDATA': authdata,
  '^RESET': () => ({ ...ok(), effects: [{ kind: 'restart' }] }),
  '^SETPORT': ({ state, command }) =>
    command.form === 'read'
      ? ok(`^SETPORT:${state.stored.settings.get('setport') ?? 'FF;10,12,16'}`)
      : okWith(withStored(state, { settings: withEntry(state.stored.settings, 'setport', command.args.join(',')) })),
  '^SYSINFOEX': ({ state }) =>
    ok(isRegistered(state) ? '^SYSINFOEX: 2,3,0,1,,6,"LTE",101,"LTE"' : '^SYSINFOEX: 0,0,0,1,,0,"NOSERVICE",0,"NOSERVICE"'),
  '^CURC': () => ok(),
};
