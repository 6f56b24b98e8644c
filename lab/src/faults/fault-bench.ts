import { join } from 'node:path';
import type { OperatorNetwork } from '@towline/simulator';
import { startUsbipServer, type UsbipServer } from '@towline/simulator/node';
import { type AgentInGuest, startAgent } from '../gateway/agent-in-guest.ts';
import type { LabDevice } from '../gateway/lab-device.ts';
import { type LabModem, labModem } from '../gateway/lab-modem.ts';
import { labOperator } from '../gateway/lab-operators.ts';
import type { Site } from '../gateway/site.ts';
import { type BootedGuest, bootGuest } from '../guest/boot-guest.ts';
import { makeStateDisk, mountStateDisk } from '../guest/state-disk.ts';
import type { Prepared } from '../prepare/prepare.ts';

export interface BenchParts {
  readonly prepared: Prepared;
  readonly site: Site;
  readonly device: LabDevice;
  /** For logs and the disk. */
  readonly directory: string;
}

/** A gateway that power cuts survive: its modem, and its state on a disk of its own. */
export class FaultBench {
  readonly network: OperatorNetwork;
  readonly modem: LabModem;
  private readonly parts: BenchParts;
  private readonly server: UsbipServer;
  private readonly disk: string;
  private guest: BootedGuest | null = null;
  private agent: AgentInGuest | null = null;
  private stopImport: () => void = () => undefined;

  private constructor(parts: BenchParts, on: { network: OperatorNetwork; modem: LabModem; server: UsbipServer; disk: string }) {
    this.parts = parts;
    this.network = on.network;
    this.modem = on.modem;
    this.server = on.server;
    this.disk = on.disk;
  }

  static async open(parts: BenchParts): Promise<FaultBench> {
    const network = labOperator(parts.site.core);
    const modem = labModem({ name: 'ec25', mode: 'qmi', network, port: 0 });
    const server = await startUsbipServer({ modems: [modem.usb], port: 0 });
    const disk = join(parts.directory, 'state.ext4');
    makeStateDisk(parts.device, disk);
    return new FaultBench(parts, { network, modem, server, disk });
  }

  /** Power comes. */
  async boot(): Promise<void> {
    const { prepared, directory } = this.parts;
    const guest = await bootGuest({ prepared, kernelLog: join(directory, 'kernel.log'), disk: this.disk });
    this.guest = guest;
    await mountStateDisk(guest);
    this.stopImport = guest.keepImported({ port: this.modem.port, busId: this.modem.usb.busId, server: this.server.port });
    this.modem.usb.plug();
    await this.startAgent();
  }

  async startAgent(): Promise<void> {
    const { device, directory } = this.parts;
    if (this.guest) this.agent = await startAgent(this.guest, { device, directory, keepState: true });
  }

  /** The process ends at once. */
  async killAgent(): Promise<void> {
    this.agent?.program.signal('SIGKILL');
    await this.agent?.program.ended;
  }

  /** Host and modem are without power: qemu is killed, and what the guest did not sync is lost. */
  async cutPower(): Promise<void> {
    this.stopImport();
    await this.guest?.stop();
    this.guest = null;
    this.modem.usb.unplug();
  }

  async close(): Promise<void> {
    await this.cutPower();
    await this.server.close();
  }
}
