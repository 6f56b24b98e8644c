import { channels, telemetryColumns } from '@towline/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTelemetryReport } from './telemetry-guard.ts';

const { schema } = channels.up.telemetry;
const report = { epoch: 'abcd1234', sequence: 3, base: 1, sentAt: 5, modem: 'main', at: [1, 2], rsrpDbm: [-97.5, null], rxBytes: [0, 7] };

/** Around every bound, and of every wrong kind. */
const value = fc.oneof(
  fc.constantFrom(null, undefined, '', 'abcd1234', 'ABCD1234', true, 0, 1, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, {}, []),
  fc.constantFrom(-201, -200, -101, -100, 100, 101, 300, 301, 253_402_300_799_999, 253_402_300_800_000, Number.MAX_SAFE_INTEGER),
  fc.string({ minLength: 79, maxLength: 82 }),
);
const name = fc.constantFrom('epoch', 'sequence', 'base', 'sentAt', 'modem', 'at', 'unknown', ...telemetryColumns);
const change = fc.tuple(
  name,
  fc.oneof(value, fc.array(value, { maxLength: 3 }), fc.array(fc.constant(1), { minLength: 287, maxLength: 290 })),
);

test('what is recognised, the schema accepts, as it is', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
      const changed: Record<string, unknown> = { ...report, ...Object.fromEntries(changes) };
      const { unknown: _unknown, ...known } = changed;
      if (isTelemetryReport(changed)) expect(schema.parse(changed)).toEqual(known);
    }),
    { numRuns: 5000 },
  );
});

test('what the schema accepts is recognised: no report takes the slow way without need', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 0, maxLength: 1 }), (changes) => {
      const changed: unknown = JSON.parse(JSON.stringify({ ...report, ...Object.fromEntries(changes) }));
      expect(isTelemetryReport(changed)).toBe(schema.safeParse(changed).success);
    }),
    { numRuns: 5000 },
  );
});

test('what is no object at all is not one', () => {
  for (const json of [null, 7, 'x', [], undefined]) expect(isTelemetryReport(json)).toBe(false);
});
