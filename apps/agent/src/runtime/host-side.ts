import type { Clock } from '@towline/kit';
import type { HostPlan } from '../core/decision.ts';
import type { DialMeans } from '../core/dial-mode.ts';
import type { Probed } from '../core/host-network/probe.ts';
import { metricOf } from '../core/host-network/slot.ts';
import type { ObservedModem } from '../core/observed.ts';
import { hasControlPort, hasPppPort, type ModemPlace } from '../core/usb/modem-place.ts';
import { type HostExecutors, hostExecutors } from './host-executors.ts';
import type { HostPorts, ProbeRequest } from './ports.ts';

/** What of the host this modem's data connection needs. */
export interface ModemHost extends HostPlan {
  readonly ports: HostPorts;
  /** Address that probes ping too. */
  readonly ping: string | null;
  /** Where the control plane is. */
  readonly endpoint: () => ProbeRequest['endpoint'];
  /** When the session that leaves by this interface heard something last; null: none does. */
  readonly sessionHeardMs: (interfaceName: string) => number | null;
}

/** So many looks in a row what was seen last is believed: a busy host that does not answer `ip` in time must not cost a link that works. */
const believedLooks = 3;

/** The host as one modem may use it from where it is. One behind configured ttys gives the host no network that the agent knows of. */
export class HostSide {
  private readonly ofModem: ModemHost | null;
  private readonly place: () => ModemPlace;
  private readonly clock: Clock;

  private seen: ObservedModem['host'] = null;
  private unread = 0;

  constructor(ofModem: ModemHost | null, place: () => ModemPlace, clock: Clock) {
    this.ofModem = ofModem;
    this.place = place;
    this.clock = clock;
  }

  plan(): HostPlan | null {
    return this.host();
  }

  means(): DialMeans {
    const place = this.place();
    const vidPid = place.kind === 'usb' ? place.modem.vidPid : null;
    const abilities = this.host()?.ports.abilities() ?? null;
    return { hasPppPort: hasPppPort(place), hasControlPort: hasControlPort(place), vidPid, abilities };
  }

  async observe(interfaceName: string): Promise<ObservedModem['host']> {
    const host = this.host();
    const seen = host && (await host.ports.network.observe(interfaceName, host.slot));
    if (seen === 'unread') {
      this.unread += 1;
      return this.unread <= believedLooks && this.seen?.interface === interfaceName ? this.seen : null;
    }
    this.unread = 0;
    this.seen = seen;
    return seen;
  }

  /**
   * Sets what has to hold before the first packet comes over an interface: the kernel gives a router's route the metric of that moment, and
   * the next advertisement may be hours away (3GPP TS 29.061 clause 11.2.1.3.4). What fails here, the plan tries again and tells.
   * @param interfaceName left out: that of the modem's network function
   */
  async prepare(interfaceName = this.netInterface()): Promise<void> {
    const host = this.host();
    if (!host || interfaceName === null) return;
    await host.ports.network.apply({ do: 'set-router-metric', interface: interfaceName, metric: metricOf(host.slot) });
  }

  /** Takes back what others read of an interface that went with its modem: nobody looks at it any more. */
  async leave(): Promise<void> {
    const { seen, ofModem } = this;
    if (!seen || !ofModem || this.place().kind !== 'unplugged') return;
    this.seen = null;
    await ofModem.ports.network.apply({ do: 'note-resolvers', interface: seen.interface, resolvers: [] });
  }

  async counters(interfaceName: string): Promise<{ readonly rxBytes: number; readonly txBytes: number } | null> {
    return (await this.host()?.ports.network.counters(interfaceName)) ?? null;
  }

  /** When the session that leaves by this modem heard something last; null: none does. */
  sessionHeardMs(): number | null {
    const name = this.netInterface();
    return name === null ? null : (this.host()?.sessionHeardMs(name) ?? null);
  }

  executors(lastProbe: Probed | null): HostExecutors | null {
    const host = this.host();
    if (!host) return null;
    const { ports, endpoint, ping, sessionHeardMs } = host;
    return hostExecutors({ clock: this.clock, host: ports, endpoint, ping, sessionHeardMs, lastProbe });
  }

  private netInterface(): string | null {
    const place = this.place();
    return place.kind === 'usb' ? place.modem.netInterface : null;
  }

  private host(): ModemHost | null {
    return this.place().kind === 'usb' ? this.ofModem : null;
  }
}
