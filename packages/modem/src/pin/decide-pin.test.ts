import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sim } from '../driver.ts';
import { decidePin, type PinTry } from './decide-pin.ts';

const locked: Sim = { state: 'pin-required', iccid: '89001', imsi: null, homePlmn: null, pinTriesLeft: 3 };
const entry: PinTry = { iccid: '89001', pinHash: 'h1', triesLeft: 3, outcome: 'pending' };

describe('a PIN', () => {
  it('is journalled first, and sent only then', () => {
    expect(decidePin(locked, 'h1', [])).toEqual({ kind: 'journal-first', entry });
    expect(decidePin(locked, 'h1', [entry])).toEqual({ kind: 'send' });
  });

  it('is sent again after a power cut that came before the try, not after one that came behind it', () => {
    expect(decidePin({ ...locked, pinTriesLeft: 3 }, 'h1', [{ ...entry, triesLeft: 3 }])).toEqual({ kind: 'send' });
    const afterTry = decidePin({ ...locked, pinTriesLeft: 3 }, 'h1', [{ ...entry, triesLeft: 4 }]);
    expect(afterTry).toEqual({ kind: 'needs-person', code: 'pin.refused-before' });
  });

  it('that was accepted before may be used at the next boot', () => {
    expect(decidePin(locked, 'h1', [{ ...entry, outcome: 'accepted' }]).kind).toBe('journal-first');
  });

  it('that another SIM refused says nothing about this one', () => {
    expect(decidePin(locked, 'h1', [{ ...entry, iccid: '89002', outcome: 'refused' }]).kind).toBe('journal-first');
  });

  it.each([
    ['no PIN is known', locked, null, 'pin.none-given'],
    ['the SIM does not say who it is', { ...locked, iccid: null }, 'h1', 'pin.sim-unidentified'],
    ['the counter cannot be read', { ...locked, pinTriesLeft: null }, 'h1', 'pin.counter-unreadable'],
    ['two tries are left', { ...locked, pinTriesLeft: 2 }, 'h1', 'pin.too-few-tries'],
    ['the SIM wants its PUK', { ...locked, state: 'puk-required' }, 'h1', 'sim.puk-required'],
  ] as const)('needs a person when %s', (_, sim, hash, code) => {
    expect(decidePin(sim, hash, [])).toEqual({ kind: 'needs-person', code });
  });

  it('is not needed by a SIM that is open', () => {
    expect(decidePin({ ...locked, state: 'ready' }, 'h1', [])).toEqual({ kind: 'not-needed' });
  });

  const iccids = fc.constantFrom('89001', '89002');
  const hashes = fc.constantFrom('h1', 'h2');
  const tries = fc.array(
    fc.record({
      iccid: iccids,
      pinHash: hashes,
      triesLeft: fc.nat(10),
      outcome: fc.constantFrom('pending', 'accepted', 'refused' as const),
    }),
  );
  const sims = fc.record({
    state: fc.constantFrom<Sim['state'][]>('ready', 'pin-required', 'puk-required', 'absent', 'busy', 'failed'),
    iccid: fc.option(iccids),
    imsi: fc.constant(null),
    homePlmn: fc.constant(null),
    pinTriesLeft: fc.option(fc.nat(10)),
  });

  it('is never sent when it was refused, when it is not journalled, with fewer than three tries or without a counter', () => {
    fc.assert(
      fc.property(sims, fc.option(hashes), tries, (sim, hash, journal) => {
        const decision = decidePin(sim, hash, journal);
        if (decision.kind !== 'send' && decision.kind !== 'journal-first') return;
        const pair = journal.filter((one) => one.iccid === sim.iccid && one.pinHash === hash);
        expect(sim.state).toBe('pin-required');
        expect(sim.pinTriesLeft).toBeGreaterThanOrEqual(3);
        expect(pair.some((one) => one.outcome === 'refused')).toBe(false);
        if (decision.kind === 'send') expect(pair.some((one) => one.outcome === 'pending')).toBe(true);
      }),
    );
  });
});
