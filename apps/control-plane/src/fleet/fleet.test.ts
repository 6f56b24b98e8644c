import { manualClock } from '@towline/kit';
import { expect, it } from 'vitest';
import { FleetService } from './fleet.service.ts';

const empty = {
  devices: 0,
  online: 0,
  byState: [],
  byModel: [],
  byFault: [],
  drifting: 0,
  byDrift: [],
  byDriftingPolicy: [],
  byTargetStatus: [],
};

/** A repository that takes its time and counts how often it was asked. */
function slowFleet(clock: ReturnType<typeof manualClock>, tookMs: number) {
  const fleet = { asked: 0, summary: () => new Promise<typeof empty>((resolve) => clock.schedule(tookMs, () => resolve(empty))) };
  const counted = async () => {
    fleet.asked += 1;
    return fleet.summary();
  };
  return { fleet, service: new FleetService({ summary: counted }, clock) };
}

it('asks the database once for all who ask at the same time, and for a while after', async () => {
  const clock = manualClock();
  const { fleet, service } = slowFleet(clock, 300);
  const both = Promise.all([service.summary('main'), service.summary('main')]);
  await clock.advance(300);
  expect((await both).map((summary) => summary.devices)).toEqual([0, 0]);
  await clock.advance(5900);
  void service.summary('main');
  expect(fleet.asked).toBe(1);
  await clock.advance(200);
  void service.summary('main');
  expect(fleet.asked).toBe(2);
});

it('keeps no failure', async () => {
  const clock = manualClock();
  let fail = true;
  const service = new FleetService({ summary: () => (fail ? Promise.reject(new Error('gone')) : Promise.resolve(empty)) }, clock);
  await expect(service.summary('main')).rejects.toThrow('gone');
  fail = false;
  expect((await service.summary('main')).devices).toBe(0);
});
