import { systemClock } from '@towline/agent/node';
import { waitUntil } from '@towline/demo';
import { sleep } from '@towline/kit';
import type { CuttableWay } from './cuttable-way.ts';
import type { Mosquitto } from './mosquitto.ts';
import { between, type Harm } from './nemesis.ts';
import { childrenOf, killNow, signal } from './processes.ts';
import type { ControlPlaneRole, World } from './world.ts';

export const killRole = (world: World, role: ControlPlaneRole): Harm => ({
  name: `kill -9 ${role}`,
  async act() {
    await killNow(await world.roleProcess(role));
    await world.roleProcess(role);
  },
});

export const killPostgres = (world: World): Harm => ({
  name: 'kill -9 Postgres',
  async act() {
    const postmaster = await world.postmaster();
    await killNow(postmaster);
    await waitUntil('another Postgres', async () => ((await world.postmaster()) === postmaster ? null : true));
  },
});

type Span = readonly [leastMs: number, mostMs: number];

async function freeze(pids: readonly number[], ms: number): Promise<void> {
  for (const pid of pids) signal(pid, 'SIGSTOP');
  try {
    await sleep(systemClock, ms);
  } finally {
    for (const pid of pids) signal(pid, 'SIGCONT');
  }
}

export const freezeRole = (world: World, role: ControlPlaneRole, span: Span): Harm => ({
  name: `SIGSTOP ${role}`,
  act: async (random) => freeze([await world.roleProcess(role)], between(random, span)),
});

export const freezePostgres = (world: World, span: Span): Harm => ({
  name: 'SIGSTOP Postgres',
  async act(random) {
    const postmaster = await world.postmaster();
    await freeze([postmaster, ...childrenOf(postmaster).map(({ pid }) => pid)], between(random, span));
  },
});

/** Supervisor and roles at once; Postgres stays. */
export const killControlPlane = (world: World, which = 'the'): Harm => ({
  name: `kill -9 all of ${which} control plane`,
  async act(random) {
    const all = world.processes();
    await Promise.all(all.map(killNow));
    await sleep(systemClock, between(random, [500, 3000]));
    await world.start();
  },
});

export const cutConnections = (way: CuttableWay): Harm => ({
  name: 'cut connections',
  act: async (random) => way.cut(between(random, [0.2, 1])),
});

export const killBroker = (mosquitto: Mosquitto): Harm => ({
  name: 'kill -9 Mosquitto',
  async act() {
    await mosquitto.kill();
    await mosquitto.start();
  },
});
