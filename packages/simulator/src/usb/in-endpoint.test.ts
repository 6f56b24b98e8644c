import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InEndpoint } from './in-endpoint.ts';
import { concatBytes } from './little-endian.ts';
import type { Urb, UrbResult } from './urb.ts';

function waiting(room: number, done: UrbResult[]): Urb {
  return { endpoint: 0x81, setup: null, data: new Uint8Array(0), room, complete: (result) => done.push(result) };
}

describe('an endpoint towards the host', () => {
  it('gives all bytes in order, whatever the room and whoever comes first', () => {
    const step = fc.oneof(
      fc.record({ send: fc.uint8Array({ minLength: 1, maxLength: 60 }) }),
      fc.record({ room: fc.integer({ min: 1, max: 64 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const endpoint = new InEndpoint();
        const done: UrbResult[] = [];
        const sent: Uint8Array[] = [];
        for (const one of steps) {
          if ('room' in one) endpoint.submit(waiting(one.room, done));
          else {
            sent.push(one.send);
            endpoint.send(one.send);
          }
        }
        const got = concatBytes(...done.map(({ data }) => data));
        expect(got).toEqual(concatBytes(...sent).subarray(0, got.length));
      }),
    );
  });

  it('ends an URB with each transfer, so that a frame never shares one with the next', () => {
    const endpoint = new InEndpoint();
    const done: UrbResult[] = [];
    endpoint.send(Uint8Array.of(1, 2));
    endpoint.send(Uint8Array.of(3));
    endpoint.submit(waiting(64, done));
    endpoint.submit(waiting(64, done));
    expect(done.map(({ data }) => [...data])).toEqual([[1, 2], [3]]);
  });

  it('drops what is too much for a host that does not read, and goes on when it reads again', () => {
    const endpoint = new InEndpoint();
    const done: UrbResult[] = [];
    for (let count = 0; count < 300; count += 1) endpoint.send(new Uint8Array(1_024).fill(count & 0xff));
    for (let count = 0; count < 300; count += 1) endpoint.submit(waiting(1_024, done));
    expect(done).toHaveLength(256);
    endpoint.send(Uint8Array.of(9));
    expect([...(done.at(-1)?.data ?? [])]).toEqual([9]);
  });

  it('takes a waiting URB back once, and ends the rest as gone', () => {
    const endpoint = new InEndpoint();
    const done: UrbResult[] = [];
    const urb = waiting(8, done);
    endpoint.submit(urb);
    endpoint.submit(waiting(8, done));
    expect([endpoint.takeBack(urb), endpoint.takeBack(urb)]).toEqual([true, false]);
    endpoint.close();
    expect(done.map(({ status }) => status)).toEqual(['gone']);
  });
});
