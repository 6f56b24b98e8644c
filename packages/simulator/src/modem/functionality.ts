import { pinAfterCardChange } from './boot.ts';
import { type ModemState, withRunning } from './modem-state.ts';
import { settleRegistration, startSearch } from './registration.ts';
import type { Step } from './step.ts';
import type { World } from './world.ts';

/** Switches the radio: 0 off with the card, 1 on, 4 off. */
export function setFunctionality(state: ModemState, world: World, level: 0 | 1 | 4): Step {
  if (level === state.running.functionality) return { state, effects: [] };
  // With the radio off completely the card loses power and asks for its PIN anew.
  const pin = state.running.functionality === 0 ? pinAfterCardChange(world) : state.running.pin;
  const next = withRunning(state, { functionality: level, pin });
  return level === 1 ? startSearch(next, world) : settleRegistration(next, world);
}

/** Whether the radio waits for FCC authentication. */
export function isFccLocked(state: ModemState, world: World): boolean {
  return world.behaviours.find('fcc-locked') !== undefined && !state.running.fccAuthenticated;
}
