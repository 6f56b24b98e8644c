import { type PdpType, withEntry, withStored } from '../../modem/modem-state.ts';
import { type CommandTable, cme, type Handler, integer, ok, okWith } from '../command.ts';
import { contextNumber } from '../three-gpp/contexts.ts';

const types: readonly PdpType[] = ['IP', 'IPV6', 'IPV4V6'];

/** `<cid>,<type>,"apn","user","pass",<auth>`: the same context store as CGDCONT, the credentials included. */
const qicsgp: Handler = ({ state, command }) => {
  const contextId = contextNumber(command.args[0]);
  if (contextId === null) return cme(50);
  const { contexts, auth } = state.stored;
  if (command.args.length === 1) {
    const context = contexts.get(contextId);
    const credentials = auth.get(contextId);
    const number = context ? types.indexOf(context.type) + 1 : 0;
    const shown = `"${context?.accessPoint ?? ''}","${credentials?.username ?? ''}","${credentials?.password ?? ''}"`;
    return ok(`+QICSGP: ${number},${shown},${credentials?.method ?? 0}`);
  }
  const type = types[(integer(command.args[1]) ?? 0) - 1];
  const method = integer(command.args[5] ?? '0');
  if (!type || method === null || method > 3) return cme(50);
  const [, , accessPoint = '', username = '', password = ''] = command.args;
  return okWith(
    withStored(state, {
      contexts: withEntry(contexts, contextId, { type, accessPoint }),
      auth: withEntry(auth, contextId, method === 0 ? null : { method, username, password }),
    }),
  );
};

export const quectelContextCommands: CommandTable = { '+QICSGP': qicsgp };
