import { channels } from '@towline/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TelemetryBatch, telemetryReport, withSample } from './telemetry-batch.ts';

const envelope = { epoch: 'aaaaaaaa', sequence: 1, base: 1, sentAt: 0 };
const empty: TelemetryBatch = { modem: 'm1', samples: [] };

describe('a batch of samples', () => {
  it('is due when it is full', () => {
    const once = withSample(empty, { at: 1 }, 2);
    expect(once.full).toBe(false);
    expect(withSample(once.batch, { at: 2 }, 2).full).toBe(true);
  });

  it('is no report while it is empty', () => {
    expect(telemetryReport(empty)).toBeNull();
  });

  it('leaves out a column that has no value, and keeps the place of a missing one', () => {
    const samples = [
      { at: 1, rsrpDbm: -90, sinrDb: null },
      { at: 2, rsrpDbm: null },
    ];
    expect(telemetryReport({ modem: 'm1', samples })?.body).toEqual({ modem: 'm1', at: [1, 2], rsrpDbm: [-90, null] });
  });

  it('has the shape of its channel, whatever was measured', () => {
    const decibel = fc.option(fc.integer({ min: -150, max: 50 }), { nil: null });
    const samples = fc.array(fc.record({ at: fc.nat(), rssiDbm: decibel, rsrpDbm: decibel, rsrqDb: decibel, sinrDb: decibel }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(samples, (taken) => {
        const report = telemetryReport({ modem: 'm1', samples: taken });
        expect(channels.up.telemetry.schema.safeParse({ ...envelope, ...report?.body }).success).toBe(true);
      }),
    );
  });
});
