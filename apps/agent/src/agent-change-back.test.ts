import { describe, expect, it } from 'vitest';
import {
  announcesOf,
  changeSessionsOf,
  codesOf,
  eventsOf,
  lastState,
  minutes,
  settledOnHost,
  settledWorld,
  stepsOf,
} from './testing/change-worlds.ts';
import { documentOf, rule, type World } from './testing/world.ts';

const isOfChange = ({ clientId }: { readonly clientId: string }) => clientId.includes('~');
const south = rule('fleet.south');
const roaming = (may: boolean) => ({ ...south, profile: { ...south.profile, roaming: may } });

describe('a way back over a bearer of the host', () => {
  it('is told as reverted once a session that is bound to it has met the control plane, with the reason and the lines of the modem', async () => {
    const { world } = await settledOnHost();
    const before = changeSessionsOf(world).length;
    world.controlPlane.assign(documentOf(rule('fleet.other')), 2);
    await world.clock.advance(minutes(5));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'reverted', fault: { code: 'apn.not-subscribed' }, change: null },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.south' } }],
    });
    const told = eventsOf(world).find(({ code }) => code === 'change.reverted');
    expect(told?.evidence.join('\n')).toMatch(/^fleet\.other@1\napn\.not-subscribed\n.*33/s);
    expect(changeSessionsOf(world).slice(before)).toMatchObject([{ path: { bearer: 'usb0 192.168.225.30' } }]);
    expect(announcesOf(world)).toBe(1);
    await world.halt();
  });

  it('waits for a control plane that is away, says so meanwhile, and has no verdict when it stays away', async () => {
    const { world } = await settledOnHost();
    world.controlPlane.admits = (request) => !isOfChange(request);
    world.controlPlane.assign(documentOf(rule('fleet.other')), 2);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({
      target: { status: 'applying', change: { phase: 'reverting', reach: 'witnessed' }, fault: { code: 'apn.not-subscribed' } },
    });
    expect(codesOf(world)).not.toContain('change.reverted');
    await world.clock.advance(minutes(20));
    expect(codesOf(world)).toContain('change.inconclusive');
    // The network's refusal stands, whoever was away.
    expect(lastState(world)).toMatchObject({ target: { status: 'reverted', fault: { code: 'apn.not-subscribed' } } });
    await world.halt();
  });

  it('is proven to the end: the session is not given up in the middle of it', async () => {
    const { world } = await settledOnHost();
    world.controlPlane.admits = (request) => !isOfChange(request);
    world.controlPlane.assign(documentOf(rule('fleet.other')), 2);
    await world.clock.advance(minutes(4));
    world.controlPlane.admits = () => true;
    await world.clock.advance(minutes(5));
    expect(codesOf(world)).toContain('change.reverted');
    expect(codesOf(world)).not.toContain('change.inconclusive');
    await world.halt();
  });
});

describe('a change that is proven over a bearer of the host', () => {
  it('stays while the control plane says nothing for hours, and is confirmed when it does', async () => {
    const { world } = await settledOnHost();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(6 * 60));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'applying', change: { phase: 'announcing', reach: 'proven' } },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.north' } }],
    });
    world.controlPlane.confirms = true;
    await world.clock.advance(minutes(10));
    expect(lastState(world)).toMatchObject({ target: { status: 'applied', change: null, fault: null } });
    await world.halt();
  });

  it('is so with probes off, too', async () => {
    const { world, host } = await settledOnHost({ probes: { enabled: false } });
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(60));
    expect(host.probes).toEqual([]);
    expect(lastState(world)).toMatchObject({ target: { change: { phase: 'announcing', reach: 'proven' } } });
    await world.halt();
  });

  it('is no longer once the interface of the host is gone: it has its time to come back, then the known good has', async () => {
    const { world, usb } = await settledOnHost();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(4));
    const asked = changeSessionsOf(world).length;
    usb.plug();
    await world.clock.advance(minutes(4));
    expect(changeSessionsOf(world)).toHaveLength(asked);
    expect(lastState(world)).toMatchObject({ target: { change: { phase: 'announcing', reach: 'none' } } });
    await world.clock.advance(minutes(12));
    expect(lastState(world)).toMatchObject({ target: { status: 'applying', change: { phase: 'reverting' } } });
    await world.halt();
  });
});

describe('a change that nobody could be asked about', () => {
  /** The control plane goes away when the change begins, for an hour. */
  async function awayForAnHour(world: World): Promise<void> {
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    world.controlPlane.reachable = false;
    world.controlPlane.cut();
    await world.clock.advance(minutes(60));
    expect(world.agent.views()[0]?.observed.context?.apn).toBe('fleet.south');
    world.controlPlane.reachable = true;
    await world.clock.advance(minutes(35));
  }

  it('is taken back without a verdict, never called reverted, and tried again when the control plane is back', async () => {
    for (const world of [(await settledOnHost()).world, await settledWorld()]) {
      await awayForAnHour(world);
      expect(lastState(world)).toMatchObject({
        target: { version: { number: 2 }, status: 'applied' },
        modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.north' } }],
      });
      expect(codesOf(world)).toContain('change.inconclusive');
      expect(world.controlPlane.states().map(({ target }) => target?.status)).not.toContain('reverted');
      await world.halt();
    }
  });

  it('is tried three times at most', async () => {
    const { world } = await settledOnHost();
    world.controlPlane.admits = (request) => !isOfChange(request);
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    for (let hour = 0; hour < 6; hour += 1) {
      await world.clock.advance(minutes(60));
      world.controlPlane.cut();
    }
    expect(codesOf(world).filter((code) => code === 'change.inconclusive')).toHaveLength(3);
    expect(lastState(world)).toMatchObject({ target: { status: 'reverted', fault: { code: 'transaction.unconfirmed' } } });
    await world.halt();
  });
});

describe('a gateway whose only way out is its bearer', () => {
  it('keeps its known good after a restart, though the target that was given up is the one it holds', async () => {
    const { world } = await settledOnHost({ mqttOver: 'bearer-first' });
    world.controlPlane.assign(documentOf(rule('fleet.other')), 2);
    await world.clock.advance(minutes(6));
    await world.halt();
    // No default route but the bearer's.
    world.controlPlane.admits = ({ path }) => path !== undefined;
    const before = stepsOf(world).length;
    const again = world.again({ bootId: 'boot-2' });
    await again.start();
    await world.clock.advance(minutes(10));
    expect(world.controlPlane.online).toBe(true);
    expect(stepsOf(world).slice(before)).not.toContain('write-context');
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'reverted', fault: { code: 'apn.not-subscribed' } },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.south' } }],
    });
    await world.halt(again);
  });
});

describe('a target that differs in whether the SIM may roam, and in nothing else', () => {
  it('is a change like others, though nothing is dialled for it', async () => {
    const { world } = await settledOnHost();
    const before = stepsOf(world).filter((step) => step !== 'probe-bearer').length;
    world.controlPlane.assign(documentOf(roaming(true)), 2);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({ target: { version: { number: 2 }, status: 'applied' } });
    expect(stepsOf(world).filter((step) => step !== 'probe-bearer')).toHaveLength(before);
    expect(announcesOf(world)).toBe(2);
    await world.halt();
  });
});

describe('a target that cannot be done here', () => {
  it.each([
    ['no rule holds for the SIM', documentOf({ ...rule('fleet.north'), when: { homePlmn: ['99999'] } }), 'policy.no-rule'],
    [
      'the modem does not have the data mode',
      documentOf({ ...rule('fleet.north'), profile: { ...rule('fleet.north').profile, dataMode: 'mbim' } }),
      'mode.unavailable',
    ],
  ])('is told as failed where %s, with the known good up', async (_why, document, code) => {
    const world = await settledWorld();
    world.controlPlane.assign(document, 2);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 2 }, status: 'failed', fault: { code } },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.south' }, fault: { code } }],
    });
    await world.halt();
  });

  it('takes the place of a change under way, which goes back', async () => {
    const world = await settledWorld();
    world.controlPlane.confirms = false;
    world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
    await world.clock.advance(minutes(2));
    world.controlPlane.assign(documentOf({ ...rule('fleet.north'), when: { homePlmn: ['99999'] } }), 3);
    await world.clock.advance(minutes(4));
    expect(lastState(world)).toMatchObject({
      target: { version: { number: 3 }, status: 'failed', fault: { code: 'policy.no-rule' } },
      modems: [{ connection: 'verified', bearer: { requestedApn: 'fleet.south' } }],
    });
    await world.halt();
  });
});
