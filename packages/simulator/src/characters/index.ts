import { Fault } from '@towline/kit';
import type { Character } from './character.ts';
import { le910c4, me909, sim7600 } from './others.ts';
import { bg96, ec25, ec200a, ec200u, rm520n } from './quectel.ts';
import { em7455, em7565, mc7455 } from './sierra.ts';

/** Every modem that can be simulated. */
export const characters: readonly Character[] = [bg96, ec200a, ec200u, ec25, rm520n, mc7455, em7455, em7565, sim7600, le910c4, me909];

const byId: ReadonlyMap<string, Character> = new Map(characters.map((character) => [character.id, character]));

/** @throws Fault `simulator.unknown-model` */
export function characterOf(modelId: string): Character {
  const character = byId.get(modelId);
  if (!character) throw new Fault('simulator.unknown-model', `no simulated modem of the model ${modelId}`);
  return character;
}
