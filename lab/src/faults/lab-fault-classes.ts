import { simulatedSim } from '@towline/simulator';
import type { Site } from '../gateway/site.ts';
import type { FaultBench } from './fault-bench.ts';

export interface LabScene {
  readonly bench: FaultBench;
  readonly site: Site;
  /** Which fault of the run it is. */
  readonly index: number;
}

const pause = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));

/** Each resolves once it is over, and what follows is the gateway's own affair. */
export const labFaults = {
  async 'power-cut'({ bench }: LabScene) {
    await bench.cutPower();
    await bench.boot();
  },
  async 'agent-killed'({ bench }: LabScene) {
    await bench.killAgent();
    await pause(5);
    await bench.startAgent();
  },
  async 'modem-removed'({ bench }: LabScene) {
    bench.modem.usb.unplug();
    await pause(10);
    bench.modem.usb.plug();
  },
  async 'sim-swapped'({ bench, index }: LabScene) {
    const own = String(index).padStart(4, '0');
    bench.modem.simulated.insertSim(simulatedSim({ iccid: `890010190000000${own}`, imsi: `00101900000${own}` }));
  },
  async 'way-lost'({ site }: LabScene) {
    const end = site.core.impair({ kind: 'black-hole' });
    await pause(30);
    end();
  },
  async 'bearer-released'({ bench }: LabScene) {
    bench.network.release(bench.modem.simulated.sim?.imsi ?? '');
  },
  async 'coverage-lost'({ bench }: LabScene) {
    bench.network.setOutage(true);
    await pause(20);
    bench.network.setOutage(false);
  },
} as const satisfies Readonly<Record<string, (scene: LabScene) => Promise<void>>>;

export type LabFaultName = keyof typeof labFaults;

const isLabFault = (name: string): name is LabFaultName => Object.hasOwn(labFaults, name);
export const labFaultNames: readonly LabFaultName[] = Object.keys(labFaults).filter(isLabFault);
