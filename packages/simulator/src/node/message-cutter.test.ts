import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeQmux, qmuxLength } from '../qmi/qmux.ts';
import { messageCutter } from './serve-control-channel.ts';

const messages = fc.array(
  fc
    .nat(200)
    .map((size) =>
      encodeQmux(
        { service: 2, client: 1, kind: 'request', transaction: 1, id: 3, tlvs: [{ type: 1, value: new Uint8Array(size) }] },
        'host',
      ),
    ),
  { maxLength: 6 },
);

describe('a stream of control messages', () => {
  it('is cut into the same messages wherever it is split', () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 50 }), (sent, size) => {
        const cut = messageCutter(qmuxLength);
        const stream = Uint8Array.from(sent.flatMap((one) => [...one]));
        const heard: Uint8Array[] = [];
        for (let at = 0; at < stream.length; at += size) heard.push(...cut(stream.subarray(at, at + size)));
        expect(heard).toEqual(sent);
      }),
    );
  });

  it('that says nonsense is forgotten', () => {
    const cut = messageCutter(qmuxLength);
    expect(cut(Uint8Array.of(1, 0, 0, 9))).toEqual([]);
    const message = encodeQmux({ service: 2, client: 1, kind: 'request', transaction: 1, id: 3, tlvs: [] }, 'host');
    expect(cut(message)).toEqual([message]);
  });
});
