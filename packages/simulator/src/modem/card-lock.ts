import { type ModemState, withRunning } from './modem-state.ts';
import { startSearch } from './registration.ts';
import type { PinVerdict } from './simulated-sim.ts';
import type { Step } from './step.ts';
import type { World } from './world.ts';

/** What the modem makes of the card's verdict on a PIN or PUK. */
export function settlePin(state: ModemState, world: World, verdict: PinVerdict): Step {
  if (verdict === 'refused') return { state, effects: [] };
  if (verdict === 'blocked') return { state: withRunning(state, { pin: 'blocked' }), effects: [] };
  const step = startSearch(withRunning(state, { pin: 'verified' }), world);
  return { state: step.state, effects: [{ kind: 'unsolicited', line: '+CPIN: READY', afterMs: 300 }, ...step.effects] };
}
