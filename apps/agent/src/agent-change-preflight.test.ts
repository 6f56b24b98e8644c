import { describe, expect, it } from 'vitest';
import type { Conditions, IpFamily } from './core/transaction/preflight.ts';
import { codesOf, lastState, minutes, settledWorld, stepsOf } from './testing/change-worlds.ts';
import { documentOf, rule } from './testing/world.ts';

const well: Conditions = { volatileState: null, battery: null, heat: null };

/** A host that can be told what it says. */
function fakeConditions(families: readonly IpFamily[] | null = [4]) {
  const now = { conditions: well, families };
  return { now, port: { read: () => now.conditions, familiesOf: async () => now.families } };
}

describe('a change that could not end well', () => {
  it.each<[string, Conditions, readonly IpFamily[], string]>([
    ['a state directory in RAM', { ...well, volatileState: 'tmpfs at /var' }, [4], 'transaction.state-volatile'],
    ['a battery that is nearly empty', { ...well, battery: { percent: 5, isDischarging: true } }, [4], 'transaction.battery-low'],
    ['a host that is too hot', { ...well, heat: { sensor: 'cpu', celsius: 99, limitCelsius: 100 } }, [4], 'transaction.too-hot'],
    ['a control plane of another IP type', well, [6], 'transaction.endpoint-ip-type'],
  ])('is refused with its own code before anything is touched: %s', async (_what, conditions, families, code) => {
    const host = fakeConditions();
    const world = await settledWorld({ conditions: host.port });
    const before = stepsOf(world).length;
    Object.assign(host.now, { conditions, families });
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(20));
    expect(stepsOf(world).slice(before)).toEqual([]);
    expect(codesOf(world)).not.toContain('change.reverted');
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'failed', fault: { code } },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.south' } }],
    });
    await world.halt();
  });

  it('begins by itself once what kept it back is over', async () => {
    const host = fakeConditions();
    const world = await settledWorld({ conditions: host.port });
    host.now.conditions = { ...well, battery: { percent: 5, isDischarging: true } };
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(5));
    host.now.conditions = { ...well, battery: { percent: 6, isDischarging: false } };
    await world.clock.advance(minutes(5));
    expect(lastState(world)).toMatchObject({ target: { status: 'applied' }, modems: [{ bearer: { requestedApn: 'fleet.north' } }] });
    await world.halt();
  });

  it('is begun all the same where what it would leave has been dead for as long as a change may take', async () => {
    const host = fakeConditions();
    const world = await settledWorld({ conditions: host.port });
    host.now.conditions = { ...well, battery: { percent: 5, isDischarging: true } };
    world.network.shutAccessPoint('fleet.south');
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(2));
    expect(lastState(world)).toMatchObject({ target: { status: 'failed', fault: { code: 'transaction.battery-low' } } });
    await world.clock.advance(minutes(30));
    expect(lastState(world)).toMatchObject({ target: { status: 'applied' }, modems: [{ bearer: { requestedApn: 'fleet.north' } }] });
    await world.halt();
  });

  it('goes back where it is under way and a newer target asks for it', async () => {
    const host = fakeConditions();
    const world = await settledWorld({ conditions: host.port });
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(1));
    host.now.families = [6];
    world.controlPlane.assign(documentOf(rule('fleet.secret')), 3);
    await world.clock.advance(minutes(20));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 3 }, status: 'failed', fault: { code: 'transaction.endpoint-ip-type' } },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.south' } }],
    });
    await world.halt();
  });
});
