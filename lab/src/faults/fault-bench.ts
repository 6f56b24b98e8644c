import { join } from 'node:path';
import { type OperatorNetwork, simulatedSim } from '@towline/simulator';
import { startUsbipServer, type UsbipServer } from '@towline/simulator/node';
import { type AgentInGuest, startAgent } from '../gateway/agent-in-guest.ts';
import { must } from '../gateway/expect.ts';
import { type LabDevice, stateDirInGuest } from '../gateway/lab-device.ts';
import { type LabModem, labModem } from '../gateway/lab-modem.ts';
import { labOperator, plmn } from '../gateway/lab-operators.ts';
import type { Site } from '../gateway/site.ts';
import { type BootedGuest, bootGuest } from '../guest/boot-guest.ts';
import { emptyStateDisk, type FileSystem, fillStateDisk, makeStateDisk, mountStateDisk } from '../guest/state-disk.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { writeAftermath } from '../runner/aftermath.ts';
import { LabPoints, pointOfLine } from './points.ts';
import { type FaultModem, firstSetting } from './setting.ts';

export interface BenchParts {
  readonly prepared: Prepared;
  readonly site: Site;
  readonly device: LabDevice;
  readonly modem: FaultModem;
  readonly fileSystem: FileSystem;
  /** For logs and the disk. */
  readonly directory: string;
}

interface Laid {
  readonly network: OperatorNetwork;
  readonly modem: LabModem;
  readonly server: UsbipServer;
  readonly disk: string;
}

/** The kinds take 15 and 25 s, several times a trial. */
const reenumerateMs = 4_000;

/** A gateway that power cuts survive: its modem, and its state on a disk of its own. */
export class FaultBench {
  readonly network: OperatorNetwork;
  readonly modem: LabModem;
  readonly points = new LabPoints();
  private readonly parts: BenchParts;
  private readonly laid: Laid;
  private guest: BootedGuest | null = null;
  private agent: AgentInGuest | null = null;
  private sims = 0;
  private stopImport: () => void = () => undefined;

  private constructor(parts: BenchParts, laid: Laid) {
    this.parts = parts;
    this.laid = laid;
    this.network = laid.network;
    this.modem = laid.modem;
  }

  /** A gateway straight from the workshop, with its power on. */
  static async open(parts: BenchParts): Promise<FaultBench> {
    const { site, device, fileSystem, directory } = parts;
    const network = labOperator(site.core);
    const modem = labModem({ name: parts.modem, mode: firstSetting(parts.modem).mode, network, port: 0, reenumerateMs });
    const server = await startUsbipServer({ modems: [modem.usb], port: 0 });
    const disk = join(directory, `state.${fileSystem}`);
    makeStateDisk(fileSystem, disk);
    const bench = new FaultBench(parts, { network, modem, server, disk });
    const guest = await bench.bootHost();
    await must(guest, ['cp', '-a', `${device.stateDir}/.`, stateDirInGuest]);
    await must(guest, ['sync']);
    await bench.startAgent();
    modem.usb.plug();
    return bench;
  }

  /** Power comes. */
  async boot(): Promise<void> {
    await this.bootHost();
    this.modem.usb.plug();
    await this.startAgent();
  }

  private async bootHost(): Promise<BootedGuest> {
    const { prepared, directory, fileSystem } = this.parts;
    const { disk, server } = this.laid;
    const guest = await bootGuest({ prepared, kernelLog: join(directory, 'kernel.log'), disk });
    this.guest = guest;
    await mountStateDisk(guest, fileSystem);
    guest.watch(stateDirInGuest, (change) => this.points.reach(`file ${change}`));
    this.stopImport = guest.keepImported({ port: this.modem.port, busId: this.modem.usb.busId, server: server.port });
    return guest;
  }

  async startAgent(): Promise<void> {
    const { device, directory } = this.parts;
    const onLine = (line: string) => {
      const point = pointOfLine(line);
      if (point !== null) this.points.reach(point);
    };
    if (this.guest) this.agent = await startAgent(this.guest, { device, directory, keepState: true, onLine });
  }

  /** The process ends at once. */
  async killAgent(): Promise<void> {
    this.agent?.program.signal('SIGKILL');
    await this.agent?.program.ended;
  }

  /** Host and modem are without power: qemu is killed, and what the guest did not sync is lost. */
  async cutPower(): Promise<void> {
    await this.endGuest();
    this.modem.usb.unplug();
  }

  /** An orderly restart of the host, beside which the modem keeps its power. */
  async reboot(): Promise<void> {
    await this.agent?.stop();
    if (this.guest) await must(this.guest, ['sync']);
    this.modem.usb.part();
    await this.endGuest();
    await this.bootHost();
    this.modem.usb.rejoin();
    await this.startAgent();
  }

  private async endGuest(): Promise<void> {
    this.stopImport();
    await this.guest?.stop();
    this.guest = null;
  }

  /** Puts a SIM in that this gateway never had. */
  swapSim(): void {
    this.sims += 1;
    const digits = (length: number) => String(this.sims).padStart(length, '0');
    this.modem.simulated.insertSim(simulatedSim({ iccid: `8900101${digits(12)}`, imsi: `${plmn}9${digits(9)}` }));
  }

  async fillDisk(): Promise<void> {
    if (this.guest) await fillStateDisk(this.guest);
  }

  async emptyDisk(): Promise<void> {
    if (this.guest) await emptyStateDisk(this.guest);
  }

  /** How the gateway stands, for whoever looks into why it is not well. */
  async writeAftermath(): Promise<void> {
    if (this.guest) await writeAftermath(this.guest, this.parts.site, this.parts.directory);
  }

  async close(): Promise<void> {
    await this.cutPower();
    await this.laid.server.close();
  }
}
