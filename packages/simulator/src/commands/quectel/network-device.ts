import { withStored } from '../../modem/modem-state.ts';
import { type Answer, type Call, type CommandTable, cme, type Handler, integer, ok, refused } from '../command.ts';
import { startNetworkCall, stopNetworkCall } from '../network-call.ts';
import { contextNumber } from '../three-gpp/contexts.ts';

function start(call: Call, contextId: number, stored: boolean): Answer {
  const autoDial = stored ? contextId : null;
  // Type 3 is kept even when the dial of this moment fails: it dials at the next registration.
  const state = withStored(call.state, { autoDial });
  const answer = startNetworkCall({ ...call, state }, contextId);
  return { ...answer, state: answer.state ?? state };
}

function stop(call: Call): Answer {
  const state = withStored(call.state, { autoDial: null });
  // EC200A: stopping what is not running gives ERROR.
  if (call.state.running.networkCall === null) return { ...refused, state };
  return stopNetworkCall({ ...call, state });
}

/** `<type>,<cid>[,<urc>]`: type 0 off, 1 once, 3 stored; `?` gives type, cid, urc, state (EC200A manual notes). */
const qnetdevctl: Handler = (call) => {
  const { state, command } = call;
  if (command.form === 'read') {
    const { networkCall } = state.running;
    const { autoDial } = state.stored;
    const type = autoDial !== null ? 3 : networkCall !== null ? 1 : 0;
    return ok(`+QNETDEVCTL: ${type},${autoDial ?? networkCall ?? 1},1,${networkCall === null ? 0 : 1}`);
  }
  if (command.form !== 'set') return ok('+QNETDEVCTL: (0,1,3),(1-7),(0,1)');
  const type = integer(command.args[0]);
  const contextId = contextNumber(command.args[1] ?? '1');
  if (contextId === null || (type !== 0 && type !== 1 && type !== 3)) return cme(50);
  return type === 0 ? stop(call) : start(call, contextId, type === 3);
};

/** Modules that dial their USB network function by AT. */
export const networkDeviceCommands: CommandTable = {
  '+QNETDEVCTL': qnetdevctl,
  // ASR modules do not know it, even as a test: quectel-CM tells them by that.
  '+QNETDEVSTATUS': () => refused,
};
