import type { Clock } from '@towline/kit';
import { restoreAtPort } from '@towline/modem';
import type { Lease } from '../core/host-network/lease.ts';
import { judgeProbe, noTraffic, type Probed } from '../core/host-network/probe.ts';
import { probePortsOf } from '../core/host-network/slot.ts';
import type { Step } from '../core/step.ts';
import type { HostPorts, OfferedLease, ProbeRequest } from './ports.ts';
import type { StepResult } from './step-result.ts';

/** Steps that change or ask the host rather than the modem. */
export type HostStepKind = 'bind-drivers' | 'restore-at-port' | 'lease-address' | 'configure-host' | 'probe-bearer';
type HostStepOf<Kind extends HostStepKind> = Extract<Step, { kind: Kind }>;

export interface HostExecutors {
  /** Needs no open port: there may be none before. */
  bind(step: HostStepOf<'bind-drivers'>): Promise<StepResult>;
  restoreAtPort(step: HostStepOf<'restore-at-port'>): Promise<StepResult>;
  lease(step: HostStepOf<'lease-address'>): Promise<StepResult>;
  configure(step: HostStepOf<'configure-host'>): Promise<StepResult>;
  probe(step: HostStepOf<'probe-bearer'>): Promise<StepResult>;
}

interface HostNeeds {
  readonly clock: Clock;
  readonly host: HostPorts;
  readonly endpoint: () => ProbeRequest['endpoint'];
  readonly ping: string | null;
  /** When the session that leaves by this interface heard something last; null: none does. */
  readonly sessionHeardMs: (interfaceName: string) => number | null;
  readonly lastProbe: Probed | null;
}

/** RFC 2131 clause 4.4.5: renewed at half the time. */
function leaseOf(name: string, offered: OfferedLease, nowMs: number): Lease {
  const { leaseS, ...terms } = offered;
  return { ...terms, interface: name, renewAtMs: nowMs + leaseS * 500, expiresAtMs: nowMs + leaseS * 1_000 };
}

export function hostExecutors({ clock, host, endpoint, ping, sessionHeardMs, lastProbe }: HostNeeds): HostExecutors {
  const { network } = host;
  return {
    bind: ({ drivers, vidPid, like }) => host.bindDrivers({ drivers, vidPid, like }),
    async restoreAtPort({ controlPath, over }) {
      const restored = await restoreAtPort({ processes: host.processes, controlPath, over });
      return restored.ok ? { ok: true } : restored;
    },
    async lease({ interface: name }) {
      // A DHCP client sends nothing over an interface that is down.
      const up = await network.apply({ do: 'set-up', interface: name });
      if (!up.ok) return up;
      const outcome = await network.lease(name);
      if (!outcome.ok) return outcome;
      return { ok: true, learned: { kind: 'lease', lease: leaseOf(name, outcome.lease, clock.monotonicMs()) } };
    },
    async configure({ changes }) {
      for (const change of changes) {
        const outcome = await network.apply(change);
        if (!outcome.ok) return outcome;
      }
      return { ok: true };
    },
    async probe({ interface: name, slot, resolvers, gateways }) {
      const report = await host.probe.probe({
        interface: name,
        ports: probePortsOf(slot),
        resolvers,
        gateways,
        endpoint: endpoint(),
        ping,
      });
      const rxBytes = (await network.counters(name))?.rxBytes ?? null;
      const verdict = judgeProbe(report, lastProbe, { rxBytes, sessionHeardMs: sessionHeardMs(name) });
      const learned = { kind: 'probe', witnessed: verdict === 'witnessed', rxBytes } as const;
      if (verdict !== 'silent') return { ok: true, learned };
      return { ok: false, failure: { code: noTraffic, evidence: report.evidence }, learned };
    },
  };
}
