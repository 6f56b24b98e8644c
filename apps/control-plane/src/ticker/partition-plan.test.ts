import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planPartitions } from './partition-plan.ts';

const now = Date.UTC(2026, 2, 1, 12);

describe('partitions of telemetry', () => {
  it('makes every day of the retention, today and the two to come', () => {
    const { make, drop } = planPartitions(['telemetry_default'], now, 2);
    expect(make.map(({ name }) => name)).toEqual([
      'telemetry_20260227',
      'telemetry_20260228',
      'telemetry_20260301',
      'telemetry_20260302',
      'telemetry_20260303',
    ]);
    expect(make[1]).toEqual({ name: 'telemetry_20260228', from: '2026-02-28T00:00:00.000Z', to: '2026-03-01T00:00:00.000Z' });
    expect(drop).toEqual([]);
  });

  it('drops only days beyond the retention, never the default partition', () => {
    const existing = ['telemetry_20260226', 'telemetry_20260227', 'telemetry_default'];
    expect(planPartitions(existing, now, 2).drop).toEqual(['telemetry_20260226']);
  });

  it('has nothing to do after it was carried out, on any day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), fc.integer({ min: 1, max: 60 }), (nowMs, days) => {
        const made = planPartitions([], nowMs, days).make.map(({ name }) => name);
        expect(planPartitions(made, nowMs, days)).toEqual({ make: [], drop: [] });
      }),
    );
  });
});
