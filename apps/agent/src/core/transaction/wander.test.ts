import type { SimSlot } from '@towline/modem';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstTurn, type Ground, heldTurn, nextTurn, type WanderTurn } from './wander.ts';

const budgetMs = 300_000;
const hourMs = 3_600_000;
const first = firstTurn({ budgetMs, nowMs: 0 });

/** A modem with two slots, each with as many ways as said here. */
interface Slots {
  readonly inUse: SimSlot;
  readonly ways: readonly [number, number];
}

const waysIn = ({ ways }: Slots, slot: SimSlot) => Array.from({ length: ways[slot - 1] ?? 0 }, (_, index) => `${slot}-${index}`);
const otherOf = (slot: SimSlot): SimSlot => (slot === 1 ? 2 : 1);
const slotOf = (slots: Slots, { slot }: WanderTurn) => slot ?? slots.inUse;

function groundOf(slots: Slots, turn: WanderTurn, nowMs: number): Ground {
  const slot = slotOf(slots, turn);
  return { ways: waysIn(slots, slot), otherSlot: otherOf(slot), budgetMs, nowMs };
}

const dialledBy = (slots: Slots, turn: WanderTurn) => turn.way ?? waysIn(slots, slotOf(slots, turn))[0] ?? null;

/** The turns that follow each other where nothing works, this one included. */
function turnsFrom(slots: Slots, begin: WanderTurn, count: number): readonly WanderTurn[] {
  const turns = [begin];
  for (let turn = begin; turns.length < count; turns.push(turn)) turn = nextTurn(turn, groundOf(slots, turn, turn.endsMs));
  return turns;
}

const slotsArbitrary: fc.Arbitrary<Slots> = fc.record({
  inUse: fc.constantFrom<SimSlot>(1, 2),
  ways: fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 6 })),
});

/** Turns as they come about while SIMs and what is known of them change. */
const reachable = fc
  .array(fc.tuple(slotsArbitrary, fc.constantFrom('tries', 'tries', 'works', 'has one slot')), { maxLength: 40 })
  .map((history) =>
    history.reduce((turn, [slots, what]) => {
      const ground = groundOf(slots, turn, turn.endsMs);
      if (what === 'works') return heldTurn(turn, ground);
      return nextTurn(turn, what === 'tries' ? ground : { ...ground, otherSlot: null });
    }, first),
  );

describe('the turns of a modem that nothing works for', () => {
  it('give every other one to what it should be dialled with, then go to the other slot, and grow', () => {
    const turns = turnsFrom({ inUse: 1, ways: [3, 1] }, first, 11);
    expect(turns.map(({ slot, way }) => `${slot ?? 'here'} ${way ?? 'as it should'}`)).toEqual([
      'here as it should',
      'here 1-1',
      'here as it should',
      'here 1-2',
      '2 as it should',
      '1 as it should',
      '1 1-1',
      '1 as it should',
      '1 1-2',
      '2 as it should',
      '1 as it should',
    ]);
    const lengths = turns.map(({ endsMs }, index) => (endsMs - (turns[index - 1]?.endsMs ?? 0)) / budgetMs);
    expect(lengths).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 4]);
  });

  it('are not cut short', () => {
    expect(nextTurn(first, { ways: ['a', 'b'], otherSlot: 2, budgetMs, nowMs: budgetMs - 1 })).toEqual(first);
  });

  it('come to the one way that works, over the SIM of either slot, from wherever they are', () => {
    fc.assert(
      fc.property(reachable, slotsArbitrary, fc.constantFrom<SimSlot>(1, 2), fc.nat(), (turn, slots, slot, pick) => {
        const ways = waysIn(slots, slot);
        fc.pre(ways.length > 0);
        const live = ways[pick % ways.length];
        // What was left of this slot, and all of either once.
        const turns = turnsFrom(slots, turn, 40);
        expect(turns.some((one) => slotOf(slots, one) === slot && dialledBy(slots, one) === live)).toBe(true);
      }),
    );
  });

  it('stay with what works', () => {
    fc.assert(
      fc.property(reachable, slotsArbitrary, (turn, slots) => {
        const held = heldTurn(turn, groundOf(slots, turn, turn.endsMs));
        expect({ ...nextTurn(held, groundOf(slots, held, held.endsMs - 1)) }).toEqual({ ...turn, endsMs: held.endsMs });
      }),
    );
  });

  it('go from slot to slot less and less, and once an hour at most in the end', () => {
    fc.assert(
      fc.property(reachable, slotsArbitrary, (turn, slots) => {
        const turns = turnsFrom(slots, turn, 300).filter((one, index, all) => index > 0 && one.slot !== all[index - 1]?.slot);
        const stays = turns.slice(1).map(({ endsMs }, index) => endsMs - (turns[index]?.endsMs ?? 0));
        expect(Math.min(...stays)).toBeGreaterThanOrEqual(budgetMs);
        expect(Math.min(...stays.slice(10))).toBeGreaterThanOrEqual(hourMs);
      }),
    );
  });
});
