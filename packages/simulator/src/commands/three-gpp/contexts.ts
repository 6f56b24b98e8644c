import { activateBearer, releaseBearer } from '../../modem/bearers.ts';
import { type ActiveBearer, type PdpType, withEntry, withStored } from '../../modem/modem-state.ts';
import { type Answer, type Call, type CommandTable, cme, type Handler, integer, ok, okWith } from '../command.ts';

const contextLimit = 16;

/** The context number in an argument; null when it is outside 1 to 16. */
export function contextNumber(text: string | undefined): number | null {
  const contextId = integer(text);
  return contextId !== null && contextId >= 1 && contextId <= contextLimit ? contextId : null;
}

function pdpType(text: string | undefined): PdpType | null {
  const type = (text ?? 'IP').toUpperCase();
  return type === 'IP' || type === 'IPV6' || type === 'IPV4V6' ? type : null;
}

const cgdcont: Handler = ({ state, command }) => {
  const { contexts } = state.stored;
  if (command.form === 'read') {
    const sorted = [...contexts].sort(([a], [b]) => a - b);
    return ok(...sorted.map(([id, { type, accessPoint }]) => `+CGDCONT: ${id},"${type}","${accessPoint}","0.0.0.0",0,0,0,0`));
  }
  if (command.form !== 'set') return ok(...['IP', 'IPV6', 'IPV4V6'].map((type) => `+CGDCONT: (1-16),"${type}",,,(0-2),(0-4)`));
  const contextId = contextNumber(command.args[0]);
  const type = pdpType(command.args[1]);
  if (contextId === null || type === null) return cme(50);
  const defined = command.args.length === 1 ? null : { type, accessPoint: command.args[2] ?? '' };
  return okWith(withStored(state, { contexts: withEntry(contexts, contextId, defined) }));
};

const cgauth: Handler = ({ state, command }) => {
  const { auth } = state.stored;
  if (command.form === 'read')
    return ok(...[...auth].map(([id, one]) => `+CGAUTH: ${id},${one.method},"${one.username}","${one.password}"`));
  if (command.form !== 'set') return ok('+CGAUTH: (1-16),(0-2),(0-127),(0-127)');
  const contextId = contextNumber(command.args[0]);
  const method = integer(command.args[1] ?? '0');
  if (contextId === null || method === null || method > 2) return cme(50);
  const [, , username = '', password = ''] = command.args;
  return okWith(withStored(state, { auth: withEntry(auth, contextId, method === 0 ? null : { method, username, password }) }));
};

/** Activates or releases one context: the tail of every vendor's own way to do the same. */
export function setActive(call: Call, contextId: number, active: boolean): Answer {
  const { state, world } = call;
  if (!active) {
    const step = releaseBearer(state, world, { contextId, cause: 36 });
    return { ...okWith(step.state, step.effects), takesMs: 300 };
  }
  const activation = activateBearer(state, world, contextId);
  const final = activation.ok ? ok().final : cme(activation.cme).final;
  return { lines: [], final, state: activation.state, takesMs: 400 };
}

const cgact: Handler = (call) => {
  const { state, command } = call;
  if (command.form === 'read') {
    const ids = [...new Set([...state.stored.contexts.keys(), ...state.running.bearers.keys()])].sort((a, b) => a - b);
    return ok(...ids.map((id) => `+CGACT: ${id},${state.running.bearers.has(id) ? 1 : 0}`));
  }
  if (command.form !== 'set') return ok('+CGACT: (0,1)');
  const contextId = contextNumber(command.args[1] ?? '1');
  return contextId === null ? cme(50) : setActive(call, contextId, command.args[0] === '1');
};

/** TS 27.007 clause 10.1.23 with CGPIAF at its default: sixteen decimal numbers. */
export function dottedIpv6(address: string): string {
  const [head = '', tail = ''] = address.split('::');
  const left = head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const middle = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...middle, ...right]
    .map((group) => Number.parseInt(group, 16))
    .map((group) => `${group >> 8}.${group & 0xff}`)
    .join('.');
}

function plainAddress(address: string): string {
  return address.includes(':') ? dottedIpv6(address) : address;
}

const cgpaddr: Handler = ({ state, world, command }) => {
  const wanted = command.args.map((text) => integer(text));
  const ids = wanted[0] === undefined ? [...state.stored.contexts.keys()] : wanted;
  const quote = (text: string): string => (world.character.addressStyle === 'quoted' ? `"${text}"` : text);
  const lines = ids.flatMap((id) => {
    if (id === null) return [];
    const addresses = state.running.bearers.get(id)?.grant.addresses ?? ['0.0.0.0'];
    return [`+CGPADDR: ${id},${addresses.map((address) => quote(plainAddress(address))).join(',')}`];
  });
  return ok(...lines);
};

function parameterLines(contextId: number, { grant }: ActiveBearer, style: 'quoted' | 'bare'): readonly string[] {
  return grant.addresses.map((address) => {
    const ipv6 = address.includes(':');
    const mask = style === 'bare' && !ipv6 ? '.255.255.255.252' : '';
    const fields = [grant.accessPoint, `${plainAddress(address)}${mask}`, ipv6 ? '' : grant.gateway, ...grant.dns];
    const shown = fields.map((field) => (style === 'quoted' ? `"${field}"` : field));
    return `+CGCONTRDP: ${contextId},5,${shown.join(',')}`;
  });
}

const cgcontrdp: Handler = ({ state, world, command }) => {
  const { bearers } = state.running;
  const style = world.character.addressStyle;
  if (command.form === 'test') return ok(`+CGCONTRDP: (${[...bearers.keys()].join(',')})`);
  const wanted = command.form === 'set' ? [integer(command.args[0]) ?? 0] : [...bearers.keys()];
  const lines = wanted.flatMap((id) => {
    const bearer = bearers.get(id);
    return bearer ? parameterLines(id, bearer, style) : [];
  });
  return ok(...lines);
};

/** PDP contexts: TS 27.007 clause 10.1. */
export const contextCommands: CommandTable = {
  '+CGDCONT': cgdcont,
  '+CGAUTH': cgauth,
  '+CGACT': cgact,
  '+CGPADDR': cgpaddr,
  '+CGCONTRDP': cgcontrdp,
  '+CEER': ({ state, world }) => ok(`+CEER: ${world.character.causeReport(state.running.lastCause)}`),
};
