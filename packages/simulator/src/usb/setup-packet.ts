import { le16, readLe16 } from './little-endian.ts';

/** The eight bytes that begin a control transfer: USB 2.0 clause 9.3. */
export interface SetupPacket {
  readonly toHost: boolean;
  readonly type: 'standard' | 'class' | 'vendor' | 'reserved';
  readonly recipient: 'device' | 'interface' | 'endpoint' | 'other';
  readonly request: number;
  readonly value: number;
  /** Interface number or endpoint address in its low byte, by recipient. */
  readonly index: number;
  /** Bytes of the data stage, at most. */
  readonly length: number;
}

const types = ['standard', 'class', 'vendor', 'reserved'] as const;
const recipients = ['device', 'interface', 'endpoint', 'other'] as const;

export const setupLength = 8;

/** Any eight bytes are a setup packet. */
export function parseSetupPacket(bytes: Uint8Array): SetupPacket {
  const kind = bytes[0] ?? 0;
  return {
    toHost: (kind & 0x80) !== 0,
    type: types[(kind >>> 5) & 3] ?? 'reserved',
    recipient: recipients[kind & 0x1f] ?? 'other',
    request: bytes[1] ?? 0,
    value: readLe16(bytes, 2),
    index: readLe16(bytes, 4),
    length: readLe16(bytes, 6),
  };
}

export function encodeSetupPacket(setup: SetupPacket): Uint8Array {
  const kind = (setup.toHost ? 0x80 : 0) | (types.indexOf(setup.type) << 5) | recipients.indexOf(setup.recipient);
  return Uint8Array.from([kind, setup.request, ...le16(setup.value), ...le16(setup.index), ...le16(setup.length)]);
}
