import { Fault, manualClock, seededRandom, silentLog } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { Link } from './link.ts';

const nobody = () => expect.unreachable('no session comes about');

/** A link whose tries all fail, over a bearer or not at all. */
function lonely() {
  const clock = manualClock();
  const tries: number[] = [];
  let hasBearer = false;
  const link = new Link(
    {
      ports: {
        clock,
        random: seededRandom(3),
        log: silentLog,
        transport: {
          async connect() {
            tries.push(clock.monotonicMs());
            throw new Fault('link.unreachable', 'no route');
          },
        },
        ids: { secret: nobody, nonce: nobody, epoch: nobody },
        hostFacts: { bootId: 'boot-1', boardSerial: null, uptimeS: () => 0 },
      },
      identity: { tenant: 't', device: 'd', mqttUrl: 'mqtt://broker.test', secret: 's' },
      reporter: { acknowledge: nobody, connect: nobody, disconnect: nobody, position: nobody, tell: nobody },
      listener: { target: nobody, job: nobody, welcomed: nobody, unknownJob: nobody, greeting: nobody },
      ways: { of: () => (hasBearer ? 'any' : 'none'), mayStay: () => true },
    },
    { agentVersion: '0', keepaliveS: 60, starts: 1 },
  );
  const ended = new AbortController();
  const running = link.run(ended.signal);
  return {
    clock,
    tries,
    bearer(turn: 'came' | 'went') {
      hasBearer = turn === 'came';
      link.wayChanged(turn);
    },
    async halt() {
      ended.abort();
      await running;
    },
  };
}

const minute = 60_000;

describe('a link that found no way for long', () => {
  it('tries a bearer that comes at once, and again soon when the first try over it fails', async () => {
    const world = lonely();
    await world.clock.advance(60 * minute);
    expect(world.tries).toEqual([]);
    world.bearer('came');
    await world.clock.advance(15_000);
    expect(world.tries[0]).toBe(60 * minute);
    expect(world.tries.length).toBeGreaterThanOrEqual(4);
    await world.halt();
  });

  it('is not hurried by a bearer that comes and goes without end, beyond a try each time it comes', async () => {
    const world = lonely();
    const turns = 60;
    for (let turn = 0; turn < turns; turn += 1) {
      world.bearer('came');
      await world.clock.advance(9_000);
      world.bearer('went');
      await world.clock.advance(1_000);
    }
    expect(world.tries.length).toBeLessThan(turns * 1.6);
    await world.halt();
  });
});
