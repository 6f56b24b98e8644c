import { channels, type UpChannel } from '@towline/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { upSchemas } from './up-schemas.ts';

const envelope = { epoch: 'abcd1234', sequence: 3, base: 1, sentAt: 5 };
const version = { epoch: 1, number: 7 };
const digest = 'ab'.repeat(32);

/** What a device says, one of each channel. */
const said: Readonly<Record<UpChannel, object>> = {
  hello: {
    protocol: 1,
    agent: '0.1.0',
    boot: 'a3f0c1d2-0000-4000-8000-000000000000',
    connection: 5,
    nonce: 'WOh7nRbwhLmFP_0O',
    stream: { epoch: 'abcd1234', sequence: 3 },
    held: { target: version },
    fingerprint: { boardSerial: null, imeis: ['350001000000000'] },
  },
  presence: { connection: 5, online: true },
  held: { version, digest },
  state: {
    ...envelope,
    held: { target: version },
    target: { version, digest, status: 'failed', fault: { code: 'data.auth-rejected', evidence: ['+CME ERROR: 148'] }, change: null },
    uptimeS: 4,
    uplinks: [],
    modems: [
      {
        id: 'main',
        model: 'ec25',
        product: 'EC25',
        imei: '350001000000000',
        firmware: 'EC25EFAR06A06M4G',
        connection: 'verified',
        sim: { state: 'ready', iccid: '8988001010000000000', imsi: '001010000000000', homePlmn: '00101' },
        registration: { state: 'home', rat: 'lte', servingPlmn: '00101', operator: 'Polder Mobile', area: '55AE', cell: 'CE75EA9' },
        signal: { rssiDbm: -59, rsrpDbm: -89, sinrDb: 13, rsrqDb: null },
        bearer: { requestedApn: 'fleet', apn: 'fleet', ipType: 'ipv4', dataMode: 'ecm', addresses: ['10.101.0.202'] },
        profileRef: 'profile@1',
        rule: 'everyone',
        modeReason: null,
        fault: null,
      },
    ],
  },
  telemetry: { ...envelope, modem: 'main', at: [1, 2], rsrpDbm: [-97.5, null], rxBytes: [0, 7] },
  event: { ...envelope, events: [{ at: 5, code: 'bearer.up', severity: 'info', modem: 'main', evidence: ['10.101.0.202'] }] },
  job: {
    ...envelope,
    id: '84cde6f0-4b04-42af-85a7-6aaf325b953e',
    state: 'succeeded',
    progress: 100,
    fault: null,
    result: { lines: ['OK'], complete: true },
  },
  announce: {
    transaction: 'k9zfmao9',
    nonce: 'WOh7nRbwhLmFP_0O',
    version,
    digest,
    modem: 'main',
    iccid: '8988001010000000000',
    profileRef: 'profile@1',
    bearer: { requestedApn: 'fleet', apn: 'fleet', ipType: 'ipv4', dataMode: 'ecm', addresses: ['10.101.0.202'] },
    pinned: false,
  },
};
const isUpChannel = (name: string): name is UpChannel => Object.hasOwn(channels.up, name);
const upChannels = Object.keys(channels.up).filter(isUpChannel);

/** Of every wrong kind, and around bounds. */
const oddValue = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, '', 'abcd1234', true, 0, 1, -1, 0.5, -0, {}, [], { __proto__: null, extra: 1 }),
  fc.constantFrom<unknown>(-201, -200, 100, 101, 2 ** 31, 253_402_300_799_999, 253_402_300_800_000, Number.MAX_SAFE_INTEGER, 2 ** 53),
  fc.string({ unit: 'grapheme', maxLength: 90 }),
  fc.array(fc.constantFrom<unknown>(null, 1, 'x'), { maxLength: 300 }),
);
/** Where a message is made odd: at each step the child of that number, be it of a record or a list. */
const oddity = fc.record({
  path: fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
  name: fc.constantFrom(null, 'unknown'),
  value: oddValue,
});

function madeOdd(
  json: unknown,
  [step = 0, ...further]: readonly number[],
  { name, value }: { name: string | null; value: unknown },
): unknown {
  if (typeof json !== 'object' || json === null) return value;
  if (name !== null && further.length === 0 && !Array.isArray(json)) return { ...json, [name]: value };
  const keys = Object.keys(json);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return value;
  const child: unknown = further.length === 0 ? value : madeOdd(Reflect.get(json, key), further, { name, value });
  return Array.isArray(json) ? json.map((one, index) => (String(index) === key ? child : one)) : { ...json, [key]: child };
}

describe('a schema of what devices say, as generated code', () => {
  it.each(upChannels)('takes a whole %s message', (channel) => {
    expect(upSchemas[channel].safeParse(said[channel])).toEqual({ success: true, data: said[channel] });
  });

  it.each(upChannels)('says of an odd %s message what the schema itself says', (channel) => {
    fc.assert(
      fc.property(fc.array(oddity, { minLength: 1, maxLength: 3 }), (oddities) => {
        const json = oddities.reduce<unknown>((message, { path, ...odd }) => madeOdd(message, path, odd), said[channel]);
        const quick = upSchemas[channel].safeParse(json);
        const plain = channels.up[channel].schema.safeParse(json);
        expect(quick.success).toBe(plain.success);
        expect(quick.data).toEqual(plain.data);
        expect(quick.error?.issues).toEqual(plain.error?.issues);
      }),
      { numRuns: 2000 },
    );
  });
});
