import { manualClock } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { createBell } from './bell.ts';

function waiting() {
  const clock = manualClock();
  const bell = createBell(clock);
  const waited = { ended: false };
  const wait = () => {
    waited.ended = false;
    void bell.wait(clock.monotonicMs() + 1_000).then(() => {
      waited.ended = true;
    });
  };
  return { clock, bell, wait, waited };
}

describe('the bell of a loop', () => {
  it('says why it was rung, once, and nothing where time has passed', async () => {
    const { clock, bell, wait, waited } = waiting();
    wait();
    bell.ring('change');
    bell.ring('registration');
    await clock.advance(0);
    expect(waited.ended).toBe(true);
    expect(bell.causes()).toEqual(new Set(['change', 'registration']));
    wait();
    await clock.advance(999);
    expect(waited.ended).toBe(false);
    await clock.advance(1);
    expect(waited.ended).toBe(true);
    expect(bell.causes()).toEqual(new Set());
  });

  it('lets one registration ring as often as it likes', async () => {
    const { clock, bell, wait, waited } = waiting();
    wait();
    for (let line = 0; line < 6; line += 1) {
      bell.ring('registration');
      await clock.advance(15);
      expect(waited.ended).toBe(false);
    }
    await clock.advance(10);
    expect(waited.ended).toBe(true);
    expect(bell.causes()).toEqual(new Set(['registration']));
    bell.ring('registration');
    bell.ring('other');
    expect(bell.causes()).toEqual(new Set(['registration', 'other']));
    wait();
    await clock.advance(999);
    expect(waited.ended).toBe(false);
  });

  it('wakes nobody for what was answered before anybody waited', async () => {
    const { clock, bell, wait, waited } = waiting();
    bell.ring('registration');
    bell.answer('registration');
    wait();
    await clock.advance(999);
    expect(waited.ended).toBe(false);
  });

  it.each(['change', 'other'] as const)('wakes for %s, though the registration was answered', async (cause) => {
    const { clock, bell, wait, waited } = waiting();
    bell.ring('registration');
    bell.ring(cause);
    bell.answer('registration');
    wait();
    await clock.advance(0);
    expect(waited.ended).toBe(true);
    expect(bell.causes()).toEqual(new Set([cause]));
  });
});
