import { maxPayloadBytes } from '@towline/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOwnWill, judgePublish, maySubscribe } from './device-rights.ts';
import { firstPacket, type PacketScan, scanPackets } from './packet-size-guard.ts';

const own = { tenant: 'main', device: '0123456789', ofChange: false };
const change = { ...own, ofChange: true };
const asked = (topic: string) => ({ topic, qos: 1, retain: false, payloadBytes: 10 });
const up = 'towline/v1/main/0123456789/up';
const down = 'towline/v1/main/0123456789/down';

test('a device publishes to its own up channels and nowhere else', () => {
  expect(judgePublish(own, asked(`${up}/state`))).toBe('state');
  const foreign = [
    'towline/v1/main/9876543210/up/state',
    'towline/v1/other/0123456789/up/state',
    `${down}/target`,
    `${up}/state/x`,
    '$SYS/x',
  ];
  for (const topic of foreign) expect(judgePublish(own, asked(topic))).toBe('device.publish-foreign');
});

test('nothing is retained, nothing is at QoS 2, nothing is larger than a message', () => {
  const topic = `${up}/state`;
  expect(judgePublish(own, { ...asked(topic), retain: true })).toBe('device.publish-retained');
  expect(judgePublish(own, { ...asked(topic), qos: 2 })).toBe('device.publish-qos');
  expect(judgePublish(own, { ...asked(topic), payloadBytes: maxPayloadBytes + 1 })).toBe('device.publish-too-large');
});

test('a device hears its own down channels only', () => {
  for (const filter of [`${down}/+`, `${down}/#`, `${down}/target`]) expect(maySubscribe(own, filter)).toBe(true);
  const foreign = ['#', 'towline/v1/main/+/down/+', 'towline/v1/main/9876543210/down/+', `${up}/+`, `${down}/none`, `${down}/+/x`];
  for (const filter of foreign) expect(maySubscribe(own, filter)).toBe(false);
});

test('the last will speaks of the own presence only', () => {
  expect(isOwnWill(own, asked(`${up}/presence`))).toBe(true);
  for (const topic of [`${up}/state`, 'towline/v1/main/9876543210/up/presence']) expect(isOwnWill(own, asked(topic))).toBe(false);
});

test('the session of changes says announce, hears confirm, and nothing else; no other session does', () => {
  const [announce, confirm] = ['towline/v1/main/0123456789~change/up/announce', 'towline/v1/main/0123456789~change/down/confirm'];
  expect(judgePublish(change, asked(announce))).toBe('announce');
  expect(maySubscribe(change, confirm)).toBe(true);
  const refused = [`${up}/state`, `${up}/announce`, `${up}/presence`, announce.replace('announce', 'state'), announce.replace('0', '1')];
  for (const topic of refused) expect(judgePublish(change, asked(topic))).toBe('device.publish-foreign');
  for (const topic of [announce, `${up}/announce`]) expect(judgePublish(own, asked(topic))).toBe('device.publish-foreign');
  for (const filter of [`${down}/+`, `${down}/confirm`, confirm.replace('confirm', '+'), confirm.replace('confirm', 'target')]) {
    expect(maySubscribe(change, filter)).toBe(false);
  }
  for (const filter of [confirm, `${down}/confirm`]) expect(maySubscribe(own, filter)).toBe(false);
  for (const topic of [`${up}/presence`, announce]) expect(isOwnWill(change, asked(topic))).toBe(false);
});

/** MQTT 3.1.1 clause 2.2.3. */
function remainingLength(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.from([(value % 128) | 0x80, Math.floor(value / 128)]);
}

test('however the bytes are cut, packets within the limit pass and larger ones are seen by their header', () => {
  const limit = 2003;
  // PUBLISH at QoS 0 to the topic `t`: two length octets and the topic, then the payload.
  const packet = (size: number) =>
    Buffer.concat([Buffer.from([0x30]), remainingLength(size + 3), Buffer.from([0, 1, 0x74]), Buffer.alloc(size)]);
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 700 }),
      (sizes, cut) => {
        const bytes = Buffer.concat(sizes.map(packet));
        let scan: PacketScan | null = firstPacket;
        for (let at = 0; at < bytes.length && scan; at += cut) scan = scanPackets(scan, bytes.subarray(at, at + cut), limit);
        expect(scan === null).toBe(sizes.some((size) => size + 3 > limit));
        if (scan) expect(scan).toMatchObject({ body: 0, lengthOctets: -1 });
      },
    ),
  );
});
