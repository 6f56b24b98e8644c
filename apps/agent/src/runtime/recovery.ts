import type { Clock } from '@towline/kit';
import type { Argv } from '@towline/modem';
import type { RecoveryMeans } from '../core/ladder.ts';
import { type HostRung, hostRungs } from '../core/rung.ts';
import type { Step } from '../core/step.ts';
import type { ModemPlace } from '../core/usb/modem-place.ts';
import type { HostPorts } from './ports.ts';
import type { RebootBudget } from './reboot-budget.ts';
import type { StepResult } from './step-result.ts';

export type HostRungStep = Extract<Step, { kind: HostRung }>;

export const isHostRung = (step: Step): step is HostRungStep => hostRungs.some((rung) => rung === step.kind);

export interface RecoveryNeeds {
  readonly clock: Clock;
  /** Null where the host has no tools for it. */
  readonly host: HostPorts | null;
  /** Command of the configuration for this modem's power. */
  readonly powerCommand: Argv | null;
  readonly reboots: RebootBudget;
  /** Notes in the journal of every open change that the host is about to restart, or will not after all. False: flash does not take it. */
  readonly declareReboot: (declared: boolean) => Promise<boolean>;
  /** Resolves once everything that was told is on flash. */
  readonly settled: () => Promise<void>;
}

/** A session is heard once in a keepalive, 240 s at most, and a little later where the network is slow. */
const carriesMs = 300_000;
const powerTimeoutMs = 120_000;
const rebootTimeoutMs = 30_000;
const maxOutputBytes = 4_096;

const refused = (...evidence: string[]): StepResult => ({ ok: false, failure: { code: 'host.not-permitted', evidence } });

/** What the host does for one modem that does not come up by itself. */
export class Recovery {
  private readonly needs: RecoveryNeeds;

  constructor(needs: RecoveryNeeds) {
    this.needs = needs;
  }

  /** @param seen whose session leaves by the modem, and whether it is being brought to something new: that has its own way back */
  means(place: ModemPlace, seen: { readonly sessionHeardMs: number | null; readonly isSettled: boolean }): RecoveryMeans {
    const { clock, host, powerCommand, reboots } = this.needs;
    const { sessionHeardMs, isSettled } = seen;
    return {
      usbPath: host && place.kind === 'usb' ? place.modem.usbPath : null,
      power: host !== null && powerCommand !== null,
      hostReboot: host !== null && isSettled && reboots.isDue(),
      carriesSession: sessionHeardMs !== null && clock.monotonicMs() - sessionHeardMs < carriesMs,
    };
  }

  async carryOut(step: HostRungStep): Promise<StepResult> {
    const { host, powerCommand } = this.needs;
    if (!host) return refused('this host has no way to it');
    switch (step.kind) {
      case 'reset-usb':
        return host.resetUsb(step.usbPath);
      case 'reload-drivers':
        return host.reloadDrivers(step.usbPath);
      case 'cycle-power':
        return powerCommand ? this.run(host, powerCommand, powerTimeoutMs) : refused('no command for it');
      case 'reboot-host':
        return this.reboot(host);
    }
  }

  private async reboot(host: HostPorts): Promise<StepResult> {
    const terms = await this.needs.reboots.take();
    if (!terms) return refused('no restart of the host is due, or flash could not note it');
    await this.needs.settled();
    // A restart that an open change does not know of takes it back.
    if (!(await this.needs.declareReboot(true))) return refused('flash does not take the journal of a change');
    const result = await this.run(host, terms.command, rebootTimeoutMs);
    if (!result.ok) await this.needs.declareReboot(false);
    return result;
  }

  private async run({ processes }: HostPorts, argv: Argv, timeoutMs: number): Promise<StepResult> {
    const { end, stderr } = await processes.run(argv, { timeoutMs, maxOutputBytes });
    if (end.kind === 'exited' && end.code === 0) return { ok: true };
    const how = end.kind === 'exited' ? `status ${end.code}` : end.kind;
    return refused(argv.join(' '), `${how}: ${stderr.trim().slice(0, 160)}`);
  }
}
