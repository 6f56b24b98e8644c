import { models } from '@towline/modem';
import { describe, expect, it } from 'vitest';
import { changeBudgetMs } from './wanted.ts';

const profile = { apn: 'a', ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: false } as const;

describe('how long a change may take', () => {
  it('is half as long again as all that the model may need for it, and never less than five minutes', () => {
    for (const model of models) {
      const { bounds, technology } = model;
      const register = technology === 'lpwa' ? bounds.registerLpwa : bounds.register;
      const budgetMs = changeBudgetMs(model, profile);
      expect(budgetMs).toBeGreaterThanOrEqual(300_000);
      expect(budgetMs).toBeGreaterThanOrEqual(1_500 * (bounds.reenumerate + register + bounds.dial + bounds.address));
      if (technology === 'lpwa') expect(budgetMs).toBeGreaterThan(900_000);
    }
  });

  it('is what the profile says, where it says so', () => {
    for (const model of models) expect(changeBudgetMs(model, { ...profile, changeWithinS: 1_200 })).toBe(1_200_000);
  });
});
