import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodePublish } from './publish-packet.ts';

/** Read back by the letter of MQTT 3.1.1 clauses 2.2 and 3.3. */
function decode(packet: Buffer) {
  let [length, at] = [0, 1];
  for (let shift = 0; ; shift += 7) {
    const octet = packet.readUInt8(at);
    at += 1;
    length += (octet & 0x7f) << shift;
    if (octet < 0x80) break;
  }
  const topicEnd = at + 2 + packet.readUInt16BE(at);
  return {
    type: packet.readUInt8(0),
    whole: at + length === packet.length,
    topic: packet.subarray(at + 2, topicEnd).toString(),
    payload: packet.subarray(topicEnd).toString(),
  };
}

test('a PUBLISH at QoS 0 carries its topic and payload, whatever their lengths', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 300 });
  fc.assert(
    fc.property(text, fc.tuple(text, fc.integer({ min: 1, max: 200 })), (topic, [part, times]) => {
      const payload = part.repeat(times);
      expect(decode(encodePublish(topic, payload))).toEqual({ type: 0x30, whole: true, topic, payload });
    }),
  );
});
