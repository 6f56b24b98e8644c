import { manualClock, seededRandom } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { demoFleet } from './demo-fleet.ts';
import { withCheckDigit } from './luhn.ts';
import { raiseFleet } from './simulated-gateway.ts';

describe('the demo fleet', () => {
  it('is the same fleet from the same seed, with every model in it', () => {
    const fleet = demoFleet(seededRandom(5));
    expect(fleet).toEqual(demoFleet(seededRandom(5)));
    expect(fleet.gateways).toHaveLength(50);
    expect(new Set(fleet.gateways.flatMap(({ modems }) => modems.map(({ model }) => model))).size).toBe(11);
    expect(new Set(fleet.gateways.flatMap(({ modems }) => modems.map(({ imei }) => imei))).size).toBe(50);
  });

  it('has identities with the check digits that real ones have', () => {
    expect(withCheckDigit('49015420323751')).toBe('490154203237518');
    for (const { modems } of demoFleet(seededRandom(1)).gateways)
      for (const { imei, sim } of modems) {
        expect(imei).toMatch(/^\d{15}$/);
        expect(sim.imsi).toMatch(/^\d{15}$/);
        expect(sim.iccid).toMatch(/^\d{19}$/);
      }
  });

  it('comes up registered, ten thousand modems without a single timer', () => {
    const clock = manualClock();
    const fleet = raiseFleet(demoFleet(seededRandom(2), 9_989), { clock, random: seededRandom(3) });
    const registered = fleet.gateways.filter(({ modems }) => modems[0]?.state.running.registration === 1);
    expect(registered).toHaveLength(10_000);
    expect(clock.nextDueMs()).toBeNull();
  });
});
