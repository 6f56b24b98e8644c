import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { faultText } from '@towline/kit';
import { commission } from '../gateway/lab-device.ts';
import { isConfirmed, untilReported } from '../gateway/reported.ts';
import { profileOf, type Setting } from '../gateway/setting.ts';
import { openSite, type Site } from '../gateway/site.ts';
import { type FileSystem, fileSystems } from '../guest/state-disk.ts';
import { places } from '../places.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { drawFaults } from './draw-faults.ts';
import { FaultBench } from './fault-bench.ts';
import { runLabTrial, type TrialPlace } from './lab-trial.ts';
import { keepLabResult, readLabResults } from './results-file.ts';
import { type ChangeName, changed, changeNames, type FaultModem, faultModems, firstSetting } from './setting.ts';
import { faultsIn, judgedOf, type LabResult, type LabTrialResult, type Reference } from './trial-result.ts';

/** One lane of a run: a site of its own, with gateways that have this modem. */
export interface LabFaultLane {
  readonly prepared: Prepared;
  readonly modem: FaultModem;
  /** Ends once all lanes together have injected so many. */
  readonly count: number;
  readonly seed: number;
  /** No trial begins after so long. */
  readonly forMs: number;
  readonly print: (line: string) => void;
}

/** After so many trials a fresh gateway takes over, on the other file system. */
const trialsOfGateway = 10;
/** A busy machine may fail to bring one up. */
const gatewaysInVain = 3;

/** A gateway that stands on a confirmed setting. */
interface Standing extends TrialPlace {
  readonly fileSystem: FileSystem;
  setting: Setting;
}

class Lane {
  private readonly lane: LabFaultLane;
  private readonly site: Site;
  /** Of the lane: no two begin alike. */
  private readonly index: number;
  private results: readonly LabResult[] = [];
  private gateways = 0;
  private readonly endMs: number;

  constructor(lane: LabFaultLane, site: Site) {
    this.lane = lane;
    this.site = site;
    this.index = faultModems.indexOf(lane.modem);
    this.endMs = performance.now() + lane.forMs;
  }

  async run(): Promise<void> {
    for (let vain = 0; this.isWanted() && vain < gatewaysInVain; this.gateways += 1) {
      const known = this.own().length;
      await this.serve().catch((error: unknown) => this.lane.print(`  ${this.lane.modem}: ${faultText(error)}`));
      vain = this.isWanted() && this.own().length === known ? vain + 1 : 0;
    }
  }

  /** Looks what all lanes have shown, and at the time. */
  private isWanted(): boolean {
    this.results = readLabResults();
    return faultsIn(judgedOf(this.results)) < this.lane.count && performance.now() < this.endMs;
  }

  private own(): readonly LabTrialResult[] {
    return this.results.flatMap((result) => (result.kind === 'trial' && result.modem === this.lane.modem ? [result] : []));
  }

  /** One gateway, for as long as it may go on. */
  private async serve(): Promise<void> {
    const { prepared, modem, seed, print } = this.lane;
    const { site } = this;
    const place = Math.floor(this.own().length / trialsOfGateway) + this.index;
    const fileSystem = fileSystems[place % fileSystems.length] ?? 'ext4';
    const name = `faults-${modem}-${seed}-${this.own().length}-${this.gateways}`;
    const directory = join(places.logs, name);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    const setting = firstSetting(modem);
    const device = await commission(site, { name, directory, profile: profileOf(setting) });
    const bench = await FaultBench.open({ prepared, site, device, modem, fileSystem, directory });
    try {
      await untilReported(device, 'the gateway to be taken into service', isConfirmed);
      print(`  ${name}: in service on ${fileSystem}`);
      const gateway: Standing = { site, device, bench, fileSystem, setting };
      for (let left = trialsOfGateway; left > 0 && this.isWanted(); left -= 1)
        if (!(await this.change(gateway))) return await bench.writeAftermath();
    } finally {
      await bench.close();
    }
  }

  /** A change that was never seen undisturbed is left alone; any other has its faults. Gives whether the gateway may go on. */
  private async change(gateway: Standing): Promise<boolean> {
    const { modem, seed, print } = this.lane;
    const trial = this.own().length;
    const change: ChangeName = changeNames[trial % changeNames.length] ?? 'apn';
    const { setting: before } = gateway;
    const about = { modem, change, fromMode: before.mode };
    const reference = this.referenceOf(about);
    const faults = reference ? drawFaults({ seed: seed * faultModems.length + this.index, trial }, reference.points.length) : [];
    const wanted = changed(modem, change, before);
    // No two profiles have one name, whatever run made them.
    const name = `${modem}-${seed}-${trial}-${Date.now()}`;
    const { points, ...end } = await runLabTrial(gateway, { name, before, wanted, faults });
    const result: LabResult = reference
      ? { kind: 'trial', seed, trial, ...about, fileSystem: gateway.fileSystem, ...end }
      : { kind: 'reference', ...about, points: [...points] };
    print(`    ${JSON.stringify(reference ? result : { ...about, points: points.length, ...end })}`);
    if (end.outcome === 'changed') gateway.setting = wanted;
    if (reference || end.outcome === 'changed') keepLabResult(result);
    return end.outcome === 'changed' || end.outcome === 'gone-back';
  }

  private referenceOf(about: Pick<Reference, 'change' | 'fromMode'>): Reference | undefined {
    const all = this.results.flatMap((result) => (result.kind === 'reference' && result.modem === this.lane.modem ? [result] : []));
    return all.find(({ change, fromMode }) => change === about.change && fromMode === about.fromMode);
  }
}

/** Changes gateways with real drivers on a real kernel again and again, each time with faults at points that the change itself has shown. */
export async function runLabFaults(lane: LabFaultLane): Promise<void> {
  const site = await openSite();
  await new Lane(lane, site).run();
  await site.close();
}
