import type { DataMode } from '@towline/modem';
import type { World } from './world.ts';

/** The data modes of this firmware with their codes, as its character has them and its behaviours leave them. */
export function offeredModes({ character, behaviours }: Pick<World, 'character' | 'behaviours'>): ReadonlyMap<string, DataMode> {
  const { modes } = behaviours.find('offers-modes') ?? {};
  return modes ? new Map([...character.dataModes].filter(([, mode]) => modes.includes(mode))) : character.dataModes;
}
