import { manualClock, seededRandom } from '@towline/kit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AutomatonEvent, type AutomatonState, isTimed, nextTransition } from './automaton.ts';
import { buildControlOptions, buildControlPacket, parseControlOptions, parseControlPacket } from './control-packet.ts';
import { createDeframer, encodeFrame, escapeAll, type PppPacket } from './hdlc.ts';
import { createPppPeer } from './ppp-peer.ts';

function packetsIn(...pieces: readonly Uint8Array[]): readonly PppPacket[] {
  const packets: PppPacket[] = [];
  const deframer = createDeframer((packet) => packets.push(packet));
  for (const piece of pieces) deframer.receive(piece);
  return packets;
}

const protocol = fc.constantFrom(0x0021, 0x0057, 0x8021, 0xc021, 0xc223);
const information = fc.uint8Array({ maxLength: 400 });

describe('a frame', () => {
  it('is the packet it was made of, whatever is escaped and in whatever pieces it comes', () => {
    fc.assert(
      fc.property(protocol, information, fc.nat(0xffff_ffff), fc.nat(400), (protocol, information, map, cut) => {
        const frame = encodeFrame({ protocol, information }, map);
        expect(packetsIn(frame.slice(0, cut), frame.slice(cut))).toEqual([{ protocol, information }]);
      }),
    );
  });

  it('holds no character that was to be escaped', () => {
    fc.assert(
      fc.property(information, (information) => {
        const inner = encodeFrame({ protocol: 0x0021, information }, escapeAll).slice(1, -1);
        expect(inner.every((byte) => byte >= 0x20 && byte !== 0x7e)).toBe(true);
      }),
    );
  });

  it('is passed over with any one bit turned', () => {
    fc.assert(
      fc.property(information, fc.nat(), fc.nat(7), (information, where, bit) => {
        const frame = encodeFrame({ protocol: 0x0021, information }, 0);
        const at = 1 + (where % (frame.length - 2));
        frame[at] = (frame[at] ?? 0) ^ (1 << bit);
        for (const packet of packetsIn(frame)) expect(packet.information.length).toBeLessThan(information.length);
      }),
    );
  });

  it('is found after noise of any length, and noise is no frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 10_000 }), information, (noise, information) => {
        const quiet = noise.filter((byte) => byte !== 0x7e && byte !== 0x7d);
        expect(packetsIn(quiet, encodeFrame({ protocol: 0x0021, information }, 0))).toEqual([{ protocol: 0x0021, information }]);
      }),
    );
  });

  it('may come with address, control and protocol compressed', () => {
    const whole = encodeFrame({ protocol: 0x0021, information: Uint8Array.of(1, 2) }, 0);
    expect(packetsIn(whole)).toHaveLength(1);
    const short = encodeCompressed(Uint8Array.of(0x21, 1, 2));
    expect(packetsIn(short)).toEqual([{ protocol: 0x0021, information: Uint8Array.of(1, 2) }]);
  });
});

/** FCS-16 bit by bit, beside the table of the code. */
function encodeCompressed(body: Uint8Array): Uint8Array {
  let fcs = 0xffff;
  for (const byte of body) {
    fcs ^= byte;
    for (let bit = 0; bit < 8; bit += 1) fcs = fcs & 1 ? (fcs >>> 1) ^ 0x8408 : fcs >>> 1;
  }
  fcs ^= 0xffff;
  return Uint8Array.of(0x7e, ...body, fcs & 0xff, fcs >>> 8, 0x7e);
}

describe('a control packet', () => {
  const option = fc.record({ type: fc.nat(255), value: fc.uint8Array({ maxLength: 20 }) });

  it('is what it was made of, and so are its options', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.array(option, { maxLength: 8 }), (code, id, options) => {
        const data = buildControlOptions(options);
        expect(parseControlPacket(buildControlPacket({ code, id, data }))).toEqual({ code, id, data });
        expect(parseControlOptions(data)).toEqual(options);
      }),
    );
  });

  it('that is anything at all is read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        parseControlPacket(bytes);
        const options = parseControlOptions(bytes);
        if (options) expect(buildControlOptions(options)).toEqual(bytes);
      }),
    );
  });
});

const states: readonly AutomatonState[] = [
  'closed',
  'stopped',
  'closing',
  'stopping',
  'request-sent',
  'ack-received',
  'ack-sent',
  'opened',
];
const events: readonly AutomatonEvent[] = [
  'open',
  'close',
  'timeout',
  'last-timeout',
  'good-request',
  'bad-request',
  'ack',
  'nak-or-reject',
  'terminate-request',
  'terminate-ack',
  'unknown-code',
  'rejected-for-good',
];

describe('the automaton', () => {
  it('says that its layer is up or down exactly when it becomes so', () => {
    for (const state of states)
      for (const event of events) {
        const { to, actions } = nextTransition(state, event);
        expect([state, event, actions.includes('layer-up')]).toEqual([state, event, state !== 'opened' && to === 'opened']);
        expect([state, event, actions.includes('layer-down')]).toEqual([state, event, state === 'opened' && to !== 'opened']);
      }
  });

  it('answers every request it can get, and ends when nobody answers', () => {
    for (const state of states.filter((one) => one !== 'closing' && one !== 'stopping')) {
      const answer = nextTransition(state, 'good-request').actions;
      expect([state, answer.includes('send-ack') || answer.includes('send-terminate-ack')]).toEqual([state, true]);
    }
    for (const state of states.filter(isTimed)) expect(isTimed(nextTransition(state, 'last-timeout').to)).toBe(false);
  });
});

describe('the peer', () => {
  it('takes any bytes, in any order, and holds no timer for ever', async () => {
    const frame = fc
      .tuple(protocol, fc.nat(12), fc.nat(10), fc.uint8Array({ maxLength: 30 }))
      .map(([protocol, code, id, data]) => encodeFrame({ protocol, information: buildControlPacket({ code, id, data }) }, 0));
    const pieces = fc.array(fc.oneof(frame, fc.uint8Array({ maxLength: 40 })), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(pieces, async (pieces) => {
        const clock = manualClock();
        const peer = createPppPeer({
          clock,
          random: seededRandom(3),
          behaviours: { find: () => undefined },
          network: { mtu: 1_500, admit: () => true, bearer: () => null, hangUp: () => undefined },
          send: () => undefined,
        });
        for (const piece of pieces) peer.receive(piece);
        await clock.advance(120_000);
        expect(clock.nextDueMs()).toBeNull();
      }),
      { numRuns: 60 },
    );
  });
});
