import type { ModemState } from '@towline/protocol';
import type { DryRunRisk, ModemEffect } from '@towline/protocol/http';

/** What the control plane knows of a device beside its modems. */
export interface DeviceFacts {
  readonly online: boolean;
  readonly onHold: boolean;
  readonly openJobs: number;
  /** Its target is neither taken nor given up yet. */
  readonly isChanging: boolean;
  /** dBm. */
  readonly signalDbm: number | null;
  readonly modems: readonly ModemState[];
  /** Interfaces besides its modems that lead out; null where its agent does not tell. */
  readonly uplinks: readonly string[] | null;
}

export interface JudgedModem {
  readonly effect: ModemEffect;
  readonly modem: ModemState;
  readonly lacking: readonly DryRunRisk[];
}

/** As the agent's own floor for the recovery ladder has it (apps/agent: core/signal-floor). */
const weakDbm = -110;

/** How many ways to the device there are that are up now, beside one of its modems; null where it does not tell. */
export function lifelinesBeside(modem: string, { modems, uplinks }: Pick<DeviceFacts, 'modems' | 'uplinks'>): number | null {
  const others = modems.filter(({ id, connection }) => id !== modem && connection === 'verified').length;
  return uplinks === null ? (others > 0 ? others : null) : uplinks.length + others;
}

/** Another modem could be brought up: the agent changes one at a time. */
const hasSpareModem = (modem: string, { modems }: DeviceFacts) => modems.some(({ id, sim }) => id !== modem && sim?.state === 'ready');

function lockoutRisks(judged: readonly JudgedModem[], facts: DeviceFacts): DryRunRisk[] {
  return judged.flatMap(({ effect, modem }): DryRunRisk[] => {
    if (!effect.cutsLink) return [];
    const beside = lifelinesBeside(modem.id, facts);
    const alone: DryRunRisk[] =
      beside === 0 ? ['uplink.only', ...(hasSpareModem(modem.id, facts) ? [] : (['lifeline.none'] as const))] : [];
    return [...alone, ...(beside === null ? (['uplink.unknown'] as const) : []), ...(modem.abilities ? [] : (['agent.old'] as const))];
  });
}

/** What speaks against the change of one device, each code once. */
export function risksOf(judged: readonly JudgedModem[], facts: DeviceFacts): DryRunRisk[] {
  const isTouched = judged.some(({ effect }) => effect.kind !== 'none');
  const found: (DryRunRisk | false)[] = [
    ...lockoutRisks(judged, facts),
    ...judged.flatMap(({ lacking }) => lacking),
    judged.some(({ effect }) => effect.kind === 'other-sim') && 'sim.unseen',
    judged.some(({ effect }) => effect.kind === 'down') && 'roaming.refused',
    judged.some(({ effect }) => effect.rule.to === null && effect.kind !== 'other-sim') && 'rule.none',
    isTouched && facts.openJobs > 0 && 'jobs.open',
    isTouched && facts.isChanging && 'change.under-way',
    isTouched && facts.signalDbm !== null && facts.signalDbm < weakDbm && 'signal.weak',
    !facts.online && 'device.offline',
    facts.onHold && 'site.on-hold',
  ];
  return [...new Set(found.filter((risk) => risk !== false))];
}
