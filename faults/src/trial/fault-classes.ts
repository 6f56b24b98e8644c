import type { Random } from '@towline/kit';
import { simulatedSim } from '@towline/simulator';
import { hasSecondSim, type Setting, type Story, spareSim } from '../stories/story.ts';
import type { Mishap, Passage } from '../world/control-plane.ts';
import type { DiskError } from '../world/faulty-disk.ts';
import type { World } from '../world/world.ts';

/** What a fault has to do with. */
export interface FaultScene {
  readonly world: World;
  readonly story: Story;
  readonly wanted: Setting;
  readonly random: Random;
}

/** One way in which the world goes wrong. */
export interface FaultClass {
  /** What happens, for a person to read. */
  readonly what: string;
  /** Where it can happen; left out: anywhere. */
  readonly fits?: (story: Story) => boolean;
  /** Only stories of its own try it, no campaign does. */
  readonly isApart?: true;
  /** When it can happen; left out: at any time. */
  readonly isDue?: (world: World) => boolean;
  /** @returns how long it lasts, in milliseconds; what lasts for ever is over at once, as it is the world from then on */
  readonly begin: (scene: FaultScene) => number;
}

const seconds = (count: number) => count * 1_000;
const minutes = (count: number) => seconds(count * 60);
const between = (random: Random, leastMs: number, mostMs: number) => leastMs + random.next() * (mostMs - leastMs);

/** Begins something that ends by itself. */
function lasting({ world, random }: FaultScene, [leastMs, mostMs]: readonly [number, number], end: () => void): number {
  const forMs = between(random, leastMs, mostMs);
  world.clock.schedule(forMs, end);
  return forMs;
}

const failingDisk =
  (error: DiskError) =>
  ({ world }: FaultScene) => {
    world.flash.failing = error;
    return 0;
  };

function astray(scene: FaultScene, mishap: (passage: Passage) => Mishap): number {
  const { controlPlane } = scene.world;
  controlPlane.mishap = mishap;
  return lasting(scene, [minutes(1), minutes(10)], () => {
    controlPlane.mishap = () => 'none';
  });
}

/** A target that never got there could not be what it comes back with. */
function whenLeft(world: World, apn: string, then: () => void): void {
  if (world.core.standing()?.accessPoint !== apn) then();
  else world.clock.schedule(seconds(1), () => whenLeft(world, apn, then));
}

const mishaps: readonly Mishap[] = ['none', 'none', 'drop', 'double', 'late'];
const changesAccessPoint = ({ before, wanted, network }: Story) => network === 'takes' && wanted.every(({ apn }) => apn !== before.apn);

/** Every fault, by its name. */
export const faultClasses = {
  'agent-killed': {
    what: 'the agent is killed; systemd starts it again after 5 s',
    begin({ world }) {
      world.gateway.killAgent();
      return 0;
    },
  },
  'power-cut': {
    what: 'host and modem lose power for 1 to 20 s; of what no sync had made certain, chance decides',
    begin({ world, random }) {
      const offMs = between(random, seconds(1), seconds(20));
      world.gateway.cutPower(offMs);
      return offMs;
    },
  },
  reboot: {
    what: 'the host restarts in an orderly way; the modem keeps its power and its bearer',
    begin({ world }) {
      world.gateway.reboot();
      return 0;
    },
  },
  'disk-full': { what: 'ENOSPC from here on', begin: failingDisk('ENOSPC') },
  'disk-error': { what: 'EIO from here on', begin: failingDisk('EIO') },
  'disk-read-only': { what: 'EROFS from here on', begin: failingDisk('EROFS') },
  'disk-quota': { what: 'EDQUOT from here on', begin: failingDisk('EDQUOT') },
  'modem-removed': {
    what: 'the modem is unplugged and comes back after 5 to 120 s',
    begin(scene) {
      const { modem } = scene.world;
      modem.unplug();
      return lasting(scene, [seconds(5), seconds(120)], () => modem.plugIn());
    },
  },
  'modem-restarts': {
    what: 'the modem restarts by itself',
    begin({ world }) {
      world.modem.restart();
      return 0;
    },
  },
  'modem-silent': {
    what: 'the modem answers no command for 10 to 90 s',
    begin(scene) {
      return lasting(scene, [seconds(10), seconds(90)], scene.world.modem.misbehave({ kind: 'silent' }));
    },
  },
  'sim-swapped': {
    what: 'another SIM is put in, for which the target has a rule and the gateway no known good',
    begin({ world }) {
      world.modem.insertSim(simulatedSim(spareSim));
      return 0;
    },
  },
  'sim-barred': {
    what: 'once a target that names the other slot is safe on flash, the operator bars the SIM in use for ever; the other one works',
    fits: hasSecondSim,
    isDue: ({ flash }) => flash.hasReplaced('target.json'),
    begin({ world: { modem, network } }) {
      network.deny(modem.sim?.imsi ?? '');
      return 0;
    },
  },
  'confirm-lost': {
    what: 'confirms are lost for 1 to 10 minutes',
    begin: (scene) => astray(scene, (passage) => (passage === 'confirm' ? 'drop' : 'none')),
  },
  'announce-lost': {
    what: 'announces are lost for 1 to 10 minutes',
    begin: (scene) => astray(scene, (passage) => (passage === 'announce' ? 'drop' : 'none')),
  },
  'messages-astray': {
    what: 'for 1 to 10 minutes messages of any kind are lost, doubled, or 20 s late and so out of order',
    begin: (scene) => astray(scene, () => mishaps[Math.floor(scene.random.next() * mishaps.length)] ?? 'none'),
  },
  'sessions-cut': {
    what: 'the broker restarts: all sessions are cut',
    begin({ world }) {
      world.controlPlane.cutAll();
      return 0;
    },
  },
  'control-plane-down': {
    what: 'the control plane is down for 1 to 60 minutes',
    begin(scene) {
      const { controlPlane } = scene.world;
      controlPlane.run(false);
      return lasting(scene, [minutes(1), minutes(60)], () => controlPlane.run(true));
    },
  },
  outage: {
    what: 'the control plane is down for an hour',
    isApart: true,
    begin({ world: { controlPlane, clock } }) {
      controlPlane.run(false);
      clock.schedule(minutes(60), () => controlPlane.run(true));
      return minutes(60);
    },
  },
  'coverage-lost': {
    what: 'no network for 10 s to 10 minutes',
    begin(scene) {
      const { network } = scene.world;
      network.setOutage(true);
      return lasting(scene, [seconds(10), minutes(10)], () => network.setOutage(false));
    },
  },
  'bearer-released': {
    what: 'the operator releases the bearer',
    begin({ world }) {
      world.network.release(world.modem.sim?.imsi ?? '');
      return 0;
    },
  },
  'new-apn-shut': {
    what: 'before it is confirmed, the operator shuts the new access point for ever: the network refuses it with cause 27',
    fits: changesAccessPoint,
    isDue: ({ controlPlane: { record } }) => record.confirmed?.number !== record.target?.version.number,
    begin({ world, wanted }) {
      world.network.shutAccessPoint(wanted.apn);
      return 0;
    },
  },
  'known-good-shut': {
    what: 'once the gateway has left it, the operator shuts the access point of the known good for ever',
    fits: changesAccessPoint,
    begin({ world, story }) {
      whenLeft(world, story.before.apn, () => world.network.shutAccessPoint(story.before.apn));
      return 0;
    },
  },
  'wall-clock-jumps': {
    what: 'the wall clock jumps by up to 20 years, either way',
    begin({ world, random }) {
      world.clock.jumpWall((random.next() * 2 - 1) * 20 * 365 * 86_400_000);
      return 0;
    },
  },
} as const satisfies Readonly<Record<string, FaultClass>>;

export type FaultName = keyof typeof faultClasses;

const isFaultName = (name: string): name is FaultName => Object.hasOwn(faultClasses, name);

/** All names, in the order in which they are written. */
export const faultNames: readonly FaultName[] = Object.keys(faultClasses).filter(isFaultName);

/** Null for what is no fault's name. */
export function faultNamed(name: string): FaultName | null {
  return isFaultName(name) ? name : null;
}

/** What a campaign tries of itself. */
export const campaignFaults: readonly FaultName[] = faultNames.filter((name) => {
  const fault: FaultClass = faultClasses[name];
  return fault.isApart !== true;
});

export function isDue(name: FaultName, world: World): boolean {
  const fault: FaultClass = faultClasses[name];
  return fault.isDue?.(world) ?? true;
}

export function fits(name: FaultName, story: Story): boolean {
  const fault: FaultClass = faultClasses[name];
  return fault.fits?.(story) ?? true;
}

/** What takes a way from the gateway for ever. */
const shutting: ReadonlySet<FaultName> = new Set(['known-good-shut', 'new-apn-shut', 'sim-barred']);

/** What no gateway could survive: the operator has shut all that it was ever told of, or the spare SIM, which it barred in one slot, is in the other too. */
export function leavesAWay(names: readonly FaultName[]): boolean {
  const times = (isOne: (name: FaultName) => boolean) => names.filter(isOne).length;
  const isBarredInBoth = names.includes('sim-barred') && times((name) => name === 'sim-swapped') > 1;
  return times((name) => shutting.has(name)) < 2 && !isBarredInBoth;
}

/** Faults after which no journal can be had for as long as the trial lasts. */
export const journalless: ReadonlySet<FaultName> = new Set(['disk-full', 'disk-error', 'disk-read-only', 'disk-quota']);
