import type { Registration, Sim } from '@towline/modem';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ObservedModem, unseenModem } from './observed.ts';
import { type RoamingMemory, rememberRoaming, simSubject, unknownRoaming } from './resolve.ts';

const sim: Sim = { state: 'ready', iccid: '8900101000000000001', imsi: '001010000000001', homePlmn: '00101', pinTriesLeft: 3 };
const registration = (state: Registration['state']): Registration => ({
  state,
  rat: 'lte',
  servingPlmn: '00101',
  operator: null,
  area: null,
  cell: null,
});
const seen = (state: Registration['state'] | null, iccid = sim.iccid): ObservedModem => ({
  ...unseenModem('1-1'),
  sim: { ...sim, iccid },
  registration: state && registration(state),
});

/** What rules see after each of these looks, ten seconds apart. */
function settledAfter(states: (Registration['state'] | null)[], holdS: number): (boolean | null)[] {
  let memory: RoamingMemory = unknownRoaming;
  return states.map((state, index) => {
    memory = rememberRoaming(memory, seen(state), { nowMs: index * 10_000, holdMs: holdS * 1_000 });
    return memory.settled;
  });
}

describe('roaming, as rules see it', () => {
  it('is what was seen first, at once', () => {
    expect(settledAfter(['searching', 'roaming', 'roaming'], 600)).toEqual([null, true, true]);
  });

  it('changes only once the other has lasted', () => {
    expect(settledAfter(['home', 'roaming', 'roaming', 'roaming'], 20)).toEqual([false, false, false, true]);
    expect(settledAfter(['home', 'roaming', 'home', 'roaming', 'roaming'], 20)).toEqual([false, false, false, false, false]);
  });

  it('goes on counting while the modem is between networks', () => {
    expect(settledAfter(['home', 'roaming', 'searching', null, 'roaming'], 30)).toEqual([false, false, false, false, true]);
  });

  it('begins anew with another card', () => {
    const before = rememberRoaming(unknownRoaming, seen('home'), { nowMs: 0, holdMs: 600_000 });
    const after = rememberRoaming(before, seen('roaming', '8900101000000000002'), { nowMs: 1, holdMs: 600_000 });
    expect(after.settled).toBe(true);
  });

  it('never changes more often than the hold allows, whatever is seen', () => {
    const state = fc.constantFrom<Registration['state'] | null>('home', 'roaming', 'searching', null);
    fc.assert(
      fc.property(fc.array(state, { maxLength: 60 }), fc.integer({ min: 0, max: 100 }), (states, holdS) => {
        const settled = settledAfter(states, holdS);
        const changes = settled.flatMap((value, index) =>
          index > 0 && settled[index - 1] !== null && value !== settled[index - 1] ? [index] : [],
        );
        const gaps = changes.slice(1).map((at, index) => (at - (changes[index] ?? 0)) * 10);
        return gaps.every((gapS) => gapS >= holdS);
      }),
    );
  });

  it('is what the registration says as long as nothing was remembered', () => {
    expect(simSubject(seen('roaming')).roaming).toBe(true);
    expect(simSubject({ ...seen('roaming'), steadyRoaming: false }).roaming).toBe(false);
  });
});
