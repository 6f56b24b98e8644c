import { setTimeout as pause } from 'node:timers/promises';
import { faultText } from '@towline/kit';
import type { DeviceDetail } from '@towline/protocol/http';
import { assign, type LabDevice } from '../gateway/lab-device.ts';
import { isConfirmed } from '../gateway/reported.ts';
import { sessionPeers } from '../gateway/session-path.ts';
import { profileOf, type Setting } from '../gateway/setting.ts';
import type { Site } from '../gateway/site.ts';
import { patience } from '../patience.ts';
import type { Injection } from './draw-faults.ts';
import type { FaultBench } from './fault-bench.ts';
import { judge, type LabFinding, type LabRecord } from './judge.ts';
import { type LabFaultName, labFaults } from './lab-fault-classes.ts';
import type { LabTrialResult } from './trial-result.ts';

/** Where a trial happens. */
export interface TrialPlace {
  readonly site: Site;
  readonly device: LabDevice;
  readonly bench: FaultBench;
}

export interface TrialOrder {
  /** Of the profile and the policy that it makes. */
  readonly name: string;
  readonly before: Setting;
  readonly wanted: Setting;
  readonly faults: readonly Injection[];
}

export type TrialEnd = Pick<LabTrialResult, 'injected' | 'outcome' | 'backS' | 'tookS' | 'reason'> & {
  /** Names of all points, in order. */
  readonly points: readonly string[];
};

const lookMs = 1_000;
/** So long it has to stay well. */
const quietMs = 5_000;
/** Beyond the five minutes that a change has at least, and the quarter of an hour for which it is held once others answer over its bearer. */
const strandedMs = 25 * 60_000;

const plainName = (accessPoint: string) => accessPoint.split('.mnc')[0] ?? accessPoint;
const secondsSince = (fromMs: number) => Math.round((performance.now() - fromMs) / 100) / 10;

/** What the operator's core has up for the modem, and whether a session at the broker comes by it. */
function seenBy({ site, bench: { modem } }: TrialPlace): Pick<LabFinding, 'standing' | 'isSeen'> {
  const link = modem.simulated.dataLink();
  const grant = link && modem.simulated.state.running.bearers.get(link.contextId)?.grant;
  if (!link || !grant) return { standing: null, isSeen: false };
  const own = site.core.traffic().filter(({ addresses }) => addresses.join() === grant.addresses.join());
  const peers = sessionPeers();
  return {
    standing: { apn: plainName(link.accessPoint), mode: link.mode },
    isSeen: own.some(({ exitAddress }) => exitAddress !== null && peers.includes(exitAddress)),
  };
}

function recordOf(device: DeviceDetail): LabRecord {
  const { online, lastSeen, target, reported } = device;
  const { requestedApn = null, dataMode = null } = reported?.modems[0]?.bearer ?? {};
  return {
    heardMs: online && lastSeen !== null ? Date.parse(lastSeen) : null,
    status: target?.status ?? null,
    isConfirmed: isConfirmed(device),
    on: requestedApn === null || dataMode === null ? null : { apn: requestedApn, mode: dataMode },
  };
}

class LabTrial {
  private readonly place: TrialPlace;
  private readonly order: TrialOrder;
  private readonly injected: { fault: LabFaultName; point: string }[] = [];
  private readonly startMs = performance.now();
  /** One fault after the other: a point that is reached while one lasts is where the next begins once that is over. */
  private inflicting: Promise<void> = Promise.resolve();
  private underWay = 0;
  private calmSince = { wallMs: Date.now(), ms: performance.now() };
  private broken: unknown = null;

  constructor(place: TrialPlace, order: TrialOrder) {
    this.place = place;
    this.order = order;
  }

  async run(): Promise<TrialEnd> {
    const { site, device, bench } = this.place;
    const { name, wanted } = this.order;
    bench.points.arm((index, point) => this.reached(index, point));
    const { api } = await site.controlPlane();
    await assign(api, device.id, { name, profile: profileOf(wanted) });
    const end = await this.untilOver();
    return { ...end, injected: this.injected, tookS: secondsSince(this.startMs), points: bench.points.disarm() };
  }

  private reached(index: number, point: string): void {
    for (const { at, fault } of this.order.faults) {
      if (at !== index) continue;
      this.injected.push({ fault, point });
      this.underWay += 1;
      this.inflicting = this.inflicting.then(() => this.inflict(fault));
    }
  }

  private async inflict(fault: LabFaultName): Promise<void> {
    const { site, bench } = this.place;
    try {
      await labFaults[fault].inflict({ site, bench });
    } catch (error) {
      this.broken = error;
    }
    this.calmSince = { wallMs: Date.now(), ms: performance.now() };
    this.underWay -= 1;
  }

  private async untilOver(): Promise<Pick<TrialEnd, 'outcome' | 'backS' | 'reason'>> {
    const endMs = performance.now() + patience(strandedMs);
    let wellAs: string | null = null;
    let sinceMs = 0;
    let last = '';
    while (performance.now() < endMs && this.broken === null) {
      await pause(lookMs);
      const { outcome, finding } = await this.look();
      last = finding;
      if (outcome !== wellAs) sinceMs = performance.now();
      wellAs = outcome;
      // A fault may have begun while it was looked.
      if (outcome !== null && this.underWay === 0 && performance.now() - sinceMs >= quietMs)
        return { outcome, backS: Math.round((sinceMs - this.calmSince.ms) / 100) / 10 };
    }
    const backS = secondsSince(this.calmSince.ms);
    if (this.broken !== null || this.underWay > 0)
      return { outcome: 'broken', backS, reason: faultText(this.broken ?? 'a fault has no end') };
    return { outcome: 'stranded', backS, reason: last };
  }

  private async look() {
    if (this.underWay > 0) return { outcome: null, finding: 'a fault is under way' };
    const { before, wanted } = this.order;
    try {
      const finding: LabFinding = { ...seenBy(this.place), record: recordOf(await this.place.device.look()) };
      return { outcome: judge(finding, { before, wanted, sinceMs: this.calmSince.wallMs }), finding: JSON.stringify(finding) };
    } catch (error) {
      return { outcome: null, finding: faultText(error) };
    }
  }
}

/** Orders a change of a gateway that runs, lets its faults befall it, and waits until it is over, and well. */
export function runLabTrial(place: TrialPlace, order: TrialOrder): Promise<TrialEnd> {
  return new LabTrial(place, order).run();
}
