import { setTimeout as pause } from 'node:timers/promises';
import type { Site } from '../gateway/site.ts';
import type { FaultBench } from './fault-bench.ts';

/** What a fault has to do with. */
export interface LabScene {
  readonly bench: FaultBench;
  readonly site: Site;
}

/** One way in which the world goes wrong. */
interface LabFaultClass {
  /** What happens, for a person to read. */
  readonly what: string;
  /** Resolves once it is over, and what follows is the gateway's own affair. */
  readonly inflict: (scene: LabScene) => Promise<void>;
}

const seconds = (count: number) => count * 1_000;

async function during(end: () => void, forMs: number): Promise<void> {
  await pause(forMs);
  end();
}

/** Every fault, by its name. */
export const labFaults = {
  'power-cut': {
    what: 'qemu is killed and the modem is without power; what the guest had not written to its disk is lost. Power is back at once',
    async inflict({ bench }) {
      await bench.cutPower();
      await bench.boot();
    },
  },
  'agent-killed': {
    what: 'the agent and its tools are killed; the agent starts again after 5 s, as systemd has it',
    async inflict({ bench }) {
      await bench.killAgent();
      await pause(seconds(5));
      await bench.startAgent();
    },
  },
  reboot: {
    what: 'the host restarts in an orderly way; the modem keeps its power and its bearer',
    inflict: ({ bench }) => bench.reboot(),
  },
  'disk-full': {
    what: 'the disk of the state directory is filled to its last block for 15 s',
    async inflict({ bench }) {
      await bench.fillDisk();
      await pause(seconds(15));
      await bench.emptyDisk();
    },
  },
  'modem-removed': {
    what: 'the modem is unplugged for 10 s',
    async inflict({ bench: { modem } }) {
      modem.usb.unplug();
      await during(() => modem.usb.plug(), seconds(10));
    },
  },
  'sim-swapped': {
    what: 'another SIM is put in, for which the gateway has no known good',
    async inflict({ bench }) {
      bench.swapSim();
    },
  },
  'confirm-lost': {
    what: 'every packet that carries a confirm is lost for 35 s, which is longer than it is waited for',
    inflict: ({ site }) =>
      during(site.core.impair({ kind: 'picks', drops: (packet) => Buffer.from(packet).includes('/down/confirm') }), seconds(35)),
  },
  'control-plane-down': {
    what: 'the control plane is ended, and started again after 10 s',
    async inflict({ site }) {
      await site.stopControlPlane();
      await pause(seconds(10));
      await site.controlPlane();
    },
  },
  'way-lost': {
    what: 'no packet gets through the operator for 20 s',
    inflict: ({ site }) => during(site.core.impair({ kind: 'black-hole' }), seconds(20)),
  },
  'bearer-released': {
    what: 'the operator releases the bearer',
    async inflict({ bench: { network, modem } }) {
      network.release(modem.simulated.sim?.imsi ?? '');
    },
  },
  'coverage-lost': {
    what: 'no network for 20 s',
    async inflict({ bench: { network } }) {
      network.setOutage(true);
      await during(() => network.setOutage(false), seconds(20));
    },
  },
} as const satisfies Readonly<Record<string, LabFaultClass>>;

export type LabFaultName = keyof typeof labFaults;

const isLabFault = (name: string): name is LabFaultName => Object.hasOwn(labFaults, name);
export const labFaultNames: readonly LabFaultName[] = Object.keys(labFaults).filter(isLabFault);
