import { activateBearer } from '../modem/bearers.ts';
import { withRunning } from '../modem/modem-state.ts';
import type { Effect } from '../modem/step.ts';
import { type Answer, type Call, cme, okWith } from './command.ts';

/** Bridges a context to the USB network function: what QNETDEVCTL, SCACT, QCRMCALL, ECM and NDISDUP have in common. */
export function startNetworkCall(call: Call, contextId: number): Answer {
  const { state, world } = call;
  const activation = activateBearer(state, world, contextId);
  if (!activation.ok) return { ...cme(activation.cme), state: activation.state, takesMs: 400 };
  const line = world.character.networkCallUp(contextId);
  const effects: Effect[] = [{ kind: 'dialled', contextId }];
  if (line) effects.push({ kind: 'unsolicited', line, afterMs: 500 });
  return { ...okWith(withRunning(activation.state, { networkCall: contextId }), effects), takesMs: 300 };
}

/** Takes the network function down; a context other than the attach context is released too. */
export function stopNetworkCall(call: Call): Answer {
  const { state, world } = call;
  const contextId = state.running.networkCall;
  if (contextId === null) return okWith(state);
  const bearers = new Map([...state.running.bearers].filter(([id]) => id === 1 || id !== contextId));
  const line = world.character.networkCallDown(contextId);
  const effects: Effect[] = line ? [{ kind: 'unsolicited', line, afterMs: 200 }] : [];
  return { ...okWith(withRunning(state, { networkCall: null, bearers }), effects), takesMs: 200 };
}
