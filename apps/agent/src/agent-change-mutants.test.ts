import { describe, expect, it } from 'vitest';
import { codesOf, lastState, minutes, settledOnHost, settledWorld } from './testing/change-worlds.ts';
import { type CrashDisk, crashDisk, type Forgotten, type Survivors } from './testing/crash-disk.ts';
import { confirmOpen, keeperOn, place, seen, settle, wantedOf } from './testing/kept-changes.ts';
import { documentOf, rule, type WorldOptions } from './testing/world.ts';

type Broken = NonNullable<WorldOptions['broken']>;

/** Where the power went, and what had been done by then. */
interface Cut {
  readonly left: Survivors;
  readonly touched: boolean;
  readonly committed: boolean;
}

async function everyCut(forgets?: Forgotten): Promise<Cut[]> {
  const cuts = new Map<string, Cut>();
  const done = { touched: false, committed: false };
  const note = (disk: CrashDisk) => {
    for (const left of disk.crashStates()) {
      const content = [...left].map(([name, bytes]) => `${name} ${Buffer.from(bytes).toString('base64')}`);
      cuts.set(JSON.stringify([content.sort(), done]), { left, ...done });
    }
  };
  const healthy = crashDisk();
  await settle(keeperOn(healthy).keeper);
  const [left = new Map()] = healthy.crashStates();
  const disk = crashDisk({ left, watch: note, ...(forgets ? { forgets } : {}) });
  const { keeper, told } = keeperOn(disk);
  await keeper.start();
  done.touched = (await keeper.aim(wantedOf('better', 2), seen)).configuration.key === 'better';
  note(disk);
  await confirmOpen(keeper);
  done.committed = told.some((line) => line.startsWith('change.committed'));
  note(disk);
  return [...cuts.values()];
}

/** An undeclared restart of the host goes back to the known good, and what was told as committed stays. Null: it is so. */
async function powerCheck(forgets?: Forgotten): Promise<string | null> {
  for (const { left, touched, committed } of await everyCut(forgets)) {
    const { keeper } = keeperOn(crashDisk({ left }), { bootId: 'boot-2' });
    await keeper.start();
    const { configuration } = await keeper.aim(wantedOf('better', 2), seen);
    const known = keeper.knownGoodAt(place)?.key ?? 'nothing';
    if (known !== 'good' && known !== 'better') return `what is known good: ${known}`;
    if (committed && known !== 'better') return 'a commit that was told is lost';
    if (touched && configuration.key !== known)
      return `goes on with ${configuration.key} after the power was cut, its known good is ${known}`;
  }
  return null;
}

/** An APN from which the control plane is not reached is not kept, although another uplink reaches it. */
async function pinningCheck(broken: Broken = {}): Promise<string | null> {
  const { world } = await settledOnHost({}, { broken });
  const before = codesOf(world).filter((code) => code === 'change.committed').length;
  world.controlPlane.admits = ({ clientId, path }) => !clientId.includes('~') || path === undefined;
  world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
  await world.clock.advance(minutes(60));
  const committed = codesOf(world).filter((code) => code === 'change.committed').length - before;
  await world.halt();
  return committed > 0 ? 'a bearer was kept over which the control plane was never met' : null;
}

/** A network that silently gives another APN than was asked for is noticed, and gone back from. */
async function readBackCheck(broken: Broken = {}): Promise<string | null> {
  const world = await settledWorld({ broken, unknownAccessPoint: 'default' });
  world.controlPlane.assign(documentOf(rule('fleet.nowhere')), 2);
  await world.clock.advance(minutes(15));
  const { status, fault } = lastState(world)?.target ?? {};
  await world.halt();
  return status === 'reverted' && fault?.code === 'apn.substituted' ? null : `${status}, ${fault?.code ?? 'without a fault'}`;
}

/** A host that restarts in the middle of a change comes up with its known good. */
async function rebootCheck(broken: Broken = {}): Promise<string | null> {
  const world = await settledWorld({ broken });
  world.controlPlane.confirms = false;
  world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
  await world.clock.advance(minutes(2));
  await world.halt();
  const again = world.again({ bootId: 'boot-2' });
  await again.start();
  await world.clock.advance(minutes(3));
  const apn = again.views()[0]?.observed.context?.apn;
  await world.halt(again);
  return apn === 'fleet.south' ? null : `${apn} after the restart`;
}

const unpinned: Broken = {
  transport: (transport) => ({
    connect({ path: _path, ...request }) {
      return transport.connect(request);
    },
  }),
};

const credulous: Broken = {
  driver: (driver) => ({
    ...driver,
    async readBearer(contextId, mode) {
      const read = await driver.readBearer(contextId, mode);
      return read.ok ? { ok: true, value: { ...read.value, apn: null } } : read;
    },
  }),
};

const timeless: Broken = { bootId: () => 'boot-1' };

/** What keeps the promise, each with the check that says so when it is taken away. */
const parts: readonly [part: string, whole: () => Promise<string | null>, broken: () => Promise<string | null>, complaint: RegExp][] = [
  ['the sync of a new file', () => powerCheck(), () => powerCheck('sync-of-create'), /committed|known good/],
  ['the sync of what is written over a slot', () => powerCheck(), () => powerCheck('sync-of-overwrite'), /goes on with better/],
  ['the sync of the directory', () => powerCheck(), () => powerCheck('sync-of-directory'), /committed|known good/],
  ['the read-back', () => readBackCheck(), () => readBackCheck(credulous), /applied/],
  ['the binding of the session to the bearer', () => pinningCheck(), () => pinningCheck(unpinned), /never met/],
  ['the way back at a boot that nobody declared', () => rebootCheck(), () => rebootCheck(timeless), /fleet.north/],
];

describe('what a change is safe by', () => {
  it.each(parts)('is %s: with it all is well, and without it this is noticed', async (_part, whole, broken, complaint) => {
    expect(await whole()).toBeNull();
    expect(await broken()).toMatch(complaint);
  });
});
