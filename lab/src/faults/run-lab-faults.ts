import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { faultText, seededRandom } from '@towline/kit';
import type { DeviceDetail } from '@towline/protocol/http';
import { assign, commission, type LabDevice } from '../gateway/lab-device.ts';
import { accessPoints } from '../gateway/lab-operators.ts';
import { untilReported } from '../gateway/reported.ts';
import { sessionPeers } from '../gateway/session-path.ts';
import { openSite, type Site } from '../gateway/site.ts';
import { waitFor } from '../patience.ts';
import { places } from '../places.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { FaultBench } from './fault-bench.ts';
import { type LabFaultName, labFaultNames, labFaults } from './lab-fault-classes.ts';

export interface LabFaultRun {
  readonly prepared: Prepared;
  readonly count: number;
  readonly seed: number;
  readonly print: (line: string) => void;
}

/** What one fault came to. */
export interface LabFaultResult {
  readonly fault: LabFaultName;
  /** Seconds from the order to the fault. */
  readonly after: number;
  readonly apn: string;
  readonly outcome: 'changed' | 'gone-back' | 'stranded';
  /** From the fault's end to the core's sight and the record's agreement. */
  readonly seconds: number;
  readonly reason?: string;
}

const profileOf = (apn: string) => ({ apn, ipType: 'ipv4', auth: 'none', dataMode: 'qmi', roaming: true }) as const;
/** From the fault's end to reachable and told: the deadline of a change and three minutes. */
const backMs = 600_000;

const over = ['applied', 'reverted', 'failed'];
const isOver =
  (apn: string) =>
  ({ online, target, reported }: DeviceDetail) => {
    const bearer = reported?.modems[0]?.bearer;
    const isApplied = target?.status === 'applied' && bearer?.requestedApn === apn;
    return online && over.includes(target?.status ?? '') && (isApplied || target?.status !== 'applied') && bearer !== undefined;
  };

/** A session at the broker comes from a bearer that is up at the operator's core now. */
const isSeen = (site: Site) => {
  const up = site.core.traffic().map(({ exitAddress }) => exitAddress);
  return sessionPeers().some((peer) => up.includes(peer)) || null;
};

class LabFaults {
  private readonly run: LabFaultRun;
  private readonly random;

  constructor(run: LabFaultRun) {
    this.run = run;
    this.random = seededRandom(run.seed);
  }

  async all(): Promise<readonly LabFaultResult[]> {
    const directory = join(places.logs, 'faults');
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    const site = await openSite();
    const name = `faults-${this.run.seed}`;
    const device = await commission(site, { name, directory, profile: profileOf(accessPoints.internet) });
    const bench = await FaultBench.open({ prepared: this.run.prepared, site, device, directory });
    await bench.boot();
    await untilReported(device, 'the gateway to be taken into service', isOver(accessPoints.internet));
    const results: LabFaultResult[] = [];
    for (let index = 0; index < this.run.count; index += 1) results.push(await this.one(index, { site, bench, device }));
    await bench.close();
    await site.close();
    return results;
  }

  private async one(index: number, on: { site: Site; bench: FaultBench; device: LabDevice }): Promise<LabFaultResult> {
    const { site, bench, device } = on;
    const fault = labFaultNames[(this.run.seed + index) % labFaultNames.length] ?? 'power-cut';
    const apn = index % 2 === 0 ? accessPoints.dual : accessPoints.internet;
    const after = Math.round(this.random.next() * 150) / 10;
    const { api } = await site.controlPlane();
    await assign(api, device.id, { name: `fault-${this.run.seed}-${index}`, profile: profileOf(apn) });
    await new Promise<void>((resolve) => setTimeout(resolve, after * 1_000));
    await labFaults[fault]({ bench, site, index });
    const endedMs = performance.now();
    const told = (outcome: LabFaultResult['outcome'], reason?: string): LabFaultResult => {
      const seconds = Math.round((performance.now() - endedMs) / 1_000);
      const result = { fault, after, apn, outcome, seconds, ...(reason === undefined ? {} : { reason }) };
      this.run.print(`    ${JSON.stringify(result)}`);
      return result;
    };
    try {
      const { target } = await untilReported(device, `a gateway after ${fault}`, isOver(apn), backMs);
      await waitFor('the core to see its session', () => isSeen(site), { timeoutMs: backMs });
      return told(target?.status === 'applied' ? 'changed' : 'gone-back');
    } catch (error) {
      return told('stranded', faultText(error));
    }
  }
}

/** Changes a gateway's access point again and again, each time with a fault of the next class at a moment that the seed gives. */
export function runLabFaults(run: LabFaultRun): Promise<readonly LabFaultResult[]> {
  return new LabFaults(run).all();
}
