import { activateBearer } from '../../modem/bearers.ts';
import { withRunning } from '../../modem/modem-state.ts';
import { mayAuthenticateLater } from '../../modem/ppp-call.ts';
import { type Answer, type Call, type CommandTable, ok, okWith } from '../command.ts';
import { contextNumber } from './contexts.ts';

/** `*99#`, `*99***<cid>#`, `*99**PPP*<cid>#` (TS 27.007 clause 10.2.1.1); null: not a packet call. */
function dialledContext(number: string): number | null {
  const match = /^\*99(?:\*[^*]*\*[^*]*\*(\d+))?#$/.exec(number);
  return match ? contextNumber(match[1] ?? '1') : null;
}

const noCarrier: Answer = { lines: [], final: { kind: 'no-carrier' } };

function dial(call: Call): Answer {
  const { state, world, role, command } = call;
  const contextId = dialledContext(command.args[0] ?? '');
  if (contextId === null || state.running.pppCall) return noCarrier;
  const activation = activateBearer(state, world, contextId);
  const awaited = !activation.ok && !world.behaviours.find('refuses-dial') && mayAuthenticateLater(activation.state, contextId);
  if (!activation.ok && !awaited) return { ...noCarrier, state: activation.state, takesMs: 400 };
  return {
    lines: [],
    final: { kind: 'connect' },
    state: withRunning(activation.state, { pppCall: { contextId, role }, lastCause: null }),
    effects: [{ kind: 'dialled', contextId }],
    takesMs: 600,
  };
}

/** ATH ends the call; the bearer of context 1 belongs to the attach and stays. */
function hangUp({ state }: Call): Answer {
  const { pppCall, bearers } = state.running;
  if (!pppCall) return ok();
  const left = new Map([...bearers].filter(([id]) => id === 1 || id !== pppCall.contextId));
  return { ...okWith(withRunning(state, { pppCall: null, bearers: left })), takesMs: 200 };
}

/** Calls on the PPP port. */
export const dialCommands: CommandTable = {
  D: dial,
  H: hangUp,
  O: ({ state, role }) => (state.running.pppCall?.role === role ? { lines: [], final: { kind: 'connect' } } : noCarrier),
};
