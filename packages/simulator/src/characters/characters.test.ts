import { matchModel, models } from '@towline/modem';
import { describe, expect, it } from 'vitest';
import { characters } from './index.ts';

describe('the simulated models', () => {
  it('are the ones that have a model file, and only those', () => {
    const described = models.filter(({ vendor }) => vendor !== 'generic').map(({ id }) => id);
    expect(new Set(characters.map(({ id }) => id))).toEqual(new Set(described));
  });

  it.each(characters.map((character) => [character.id, character] as const))('%s is found by what it says of itself', (id, character) => {
    const { manufacturer, product } = character;
    const information = character.information('490154203237518').join('\n');
    expect(matchModel({ manufacturer, product, information }).id).toBe(id);
  });
});
