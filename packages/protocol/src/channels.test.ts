import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { channels, isReportChannel } from './channels.ts';

const envelope = { epoch: 'abcd1234', sequence: 7, base: 5, sentAt: 1_790_000_000_000 };

describe('messages', () => {
  it('takes telemetry whose columns are as long as its times, and no other', () => {
    const telemetry = channels.up.telemetry.schema;
    const report = { ...envelope, modem: '1-1', at: [1, 2], rsrpDbm: [-97, null] };
    expect(telemetry.safeParse(report).success).toBe(true);
    expect(telemetry.safeParse({ ...report, rsrqDb: [-11] }).success).toBe(false);
  });

  it('ignores fields it does not know, so that messages evolve by addition', () => {
    const parsed = channels.up.presence.schema.parse({ connection: 3, online: true, later: 'field' });
    expect(parsed).toEqual({ connection: 3, online: true });
  });

  it('refuses a job of an unknown kind', () => {
    const job = { action: 'start', id: 'b0ce2a3e-4a0a-4c5a-9f39-6f1a4fd8a6aa', ttlS: 60, order: { kind: 'self-destruct' } };
    expect(channels.down.job.schema.safeParse(job).success).toBe(false);
  });

  it('knows which channels carry reports', () => {
    expect(isReportChannel('telemetry')).toBe(true);
    expect(isReportChannel('hello')).toBe(false);
  });
});

describe('canonicalJson', () => {
  it('gives the same text whatever the order of keys, and text that parses back to the same value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
