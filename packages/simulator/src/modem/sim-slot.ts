import type { SimSlot } from '@towline/modem';
import { type ModemState, withRunning, withStored } from './modem-state.ts';
import type { World } from './world.ts';

/**
 * A change of the slot is answered before it is done: for a moment the modem still shows the slot before, whose card has lost its power, and
 * the card in the new one shows up seconds later. Composed: no manual says how long; an X55 module showed the card of its other slot to the second
 * question, after a second (estkme-group/lpac, issue 241).
 */
const shownAfterMs = 700;
export const cardPowerUpMs = 4_000;

export function chooseSlot(state: ModemState, world: World, slot: SimSlot): ModemState {
  if (state.stored.simSlot === slot) return state;
  return withRunning(withStored(state, { simSlot: slot }), { slotChosenMs: world.nowMs() });
}

/** The slot that the modem says it uses. */
export function shownSlot({ stored: { simSlot }, running: { slotChosenMs } }: ModemState, world: World): SimSlot {
  const isDone = slotChosenMs === null || world.nowMs() >= slotChosenMs + shownAfterMs;
  if (isDone) return simSlot;
  return simSlot === 1 ? 2 : 1;
}
