import type { ModemNotice } from '@towline/modem';
import type { Decision } from '../core/decision.ts';
import { rungOf } from '../core/ladder.ts';
import type { Rung } from '../core/rung.ts';
import type { ModemView } from './modem-loop.ts';
import type { Reporter } from './reporter.ts';

interface Told {
  readonly fault: string | null;
  readonly up: boolean;
  readonly registration: string | null;
  readonly modeReason: string | null;
  /** The interface that takes no IPv6, though the rule asks for it. */
  readonly ipv6Off: string | null;
}

const nothingTold: Told = { fault: null, up: false, registration: null, modeReason: null, ipv6Off: null };

/** Null where it is not missed, or nothing is known of it. */
function lacksIpv6({ observed: { host }, decision: { rule } }: ModemView): string | null {
  return host?.ipv6Off && rule && rule.profile.ipType !== 'ipv4' ? host.interface : null;
}

/** What a decision is about to try of the ladder. */
function rungsOf({ next }: Decision): readonly Rung[] {
  return next.kind === 'steps' ? next.steps.flatMap((step) => rungOf(step) ?? []) : [];
}

/** Turns what changes about the modems into events, each told once. */
export class Narrator {
  private readonly reporter: Reporter;
  private readonly changed: (modem: string) => void;
  private readonly told = new Map<string, Told>();

  /** @param changed is called when registration or bearer of a modem changed. */
  constructor(reporter: Reporter, changed: (modem: string) => void) {
    this.reporter = reporter;
    this.changed = changed;
  }

  see(view: ModemView): void {
    const { observed, decision } = view;
    const before = this.told.get(observed.id) ?? nothingTold;
    const up = decision.connection === 'verified';
    // A passing state between two tries does not end a fault: only a verified link or another fault does.
    const fault = decision.fault?.code ?? (up ? null : before.fault);
    const registration = observed.registration?.state ?? null;
    const modeReason = decision.modeReason ?? before.modeReason;
    const ipv6Off = lacksIpv6(view) ?? before.ipv6Off;
    this.told.set(observed.id, { fault, up, registration, modeReason, ipv6Off });
    if (ipv6Off !== null && ipv6Off !== before.ipv6Off)
      this.reporter.tell('host.ipv6-off', [`net.ipv6.conf.${ipv6Off}.disable_ipv6 is 1`], observed.id);
    if (modeReason !== null && modeReason !== before.modeReason) this.reporter.tell('mode.chosen', [modeReason], observed.id);
    if (decision.fault && decision.fault.code !== before.fault)
      this.reporter.tell(decision.fault.code, decision.fault.evidence, observed.id);
    for (const rung of rungsOf(decision)) {
      const code = rung === 'reboot-host' ? 'host.reboot-ordered' : 'recovery.rung';
      this.reporter.tell(code, [`${rung}: ${fault ?? 'the SIM'}`], observed.id);
    }
    if (up !== before.up) this.reporter.tell(up ? 'bearer.up' : 'bearer.down', observed.bearer?.addresses ?? [], observed.id);
    if (up !== before.up || registration !== before.registration) this.changed(observed.id);
  }

  /** Another target: the same fault counts as news again. */
  retarget(): void {
    for (const [modem, told] of this.told) this.told.set(modem, { ...told, fault: null });
  }

  notice(modem: string, notice: ModemNotice): void {
    if (notice.kind === 'restarted') this.reporter.tell('modem.restarted', [notice.evidence], modem);
    if (notice.kind === 'sim-changed') this.reporter.tell('sim.changed', [], modem);
  }
}
