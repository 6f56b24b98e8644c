/** MQTT 3.1.1 clause 2.2.3: seven bits an octet, the lowest first. */
function remainingLength(value: number): number[] {
  const [low, rest] = [value % 128, Math.floor(value / 128)];
  return rest > 0 ? [low | 0x80, ...remainingLength(rest)] : [low];
}

/** A PUBLISH at QoS 0 (MQTT 3.1.1 clause 3.3) as it goes to the socket. */
export function encodePublish(topic: string, payload: string): Buffer {
  const topicBytes = Buffer.byteLength(topic);
  const payloadBytes = Buffer.byteLength(payload);
  const header = [0x30, ...remainingLength(2 + topicBytes + payloadBytes), topicBytes >> 8, topicBytes & 0xff];
  const packet = Buffer.allocUnsafe(header.length + topicBytes + payloadBytes);
  packet.set(header);
  packet.write(topic, header.length);
  packet.write(payload, header.length + topicBytes);
  return packet;
}
