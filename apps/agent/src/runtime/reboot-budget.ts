import type { Clock } from '@towline/kit';
import type { AgentConfig } from '../config/agent-config.ts';
import type { Document } from './document.ts';
import type { HostFacts } from './ports.ts';
import type { HostReboot } from './stored-schemas.ts';

export type HostRebootTerms = NonNullable<AgentConfig['recovery']['hostReboot']>;

interface BudgetNeeds {
  /** Null: the configuration allows none. */
  readonly terms: HostRebootTerms | null;
  readonly document: Document<HostReboot>;
  readonly hostFacts: HostFacts;
  readonly clock: Clock;
  /** When the control plane was heard last; 0: never. */
  readonly heardMs: () => number;
}

const dayS = 86_400;

/** Seconds of uptime since the last one: no wall clock is asked, which on a gateway without battery may say anything. */
export function uptimeSince(last: HostReboot, { bootId, uptimeS }: HostReboot): number {
  return last.bootId === bootId ? uptimeS - last.uptimeS : uptimeS;
}

/** How often the agent may restart its host. The attempt is on flash before it is made, so a restart that mends nothing is no loop. */
export class RebootBudget {
  private readonly needs: BudgetNeeds;
  private readonly startedMs: number;
  private last: HostReboot | null;

  constructor(needs: BudgetNeeds, last: HostReboot | null) {
    this.needs = needs;
    this.last = last;
    this.startedMs = needs.clock.monotonicMs();
  }

  /** Whether one may be tried now. */
  isDue(): boolean {
    const { terms, clock, heardMs } = this.needs;
    if (!terms) return false;
    const silentMs = clock.monotonicMs() - Math.max(this.startedMs, heardMs());
    const isRested = this.last === null || uptimeSince(this.last, this.now()) >= dayS / terms.perDay;
    return isRested && silentMs >= terms.afterS * 1_000;
  }

  /** Takes one, if it is due and flash could note it. Null: there is none to take. */
  async take(): Promise<HostRebootTerms | null> {
    const { terms, document } = this.needs;
    if (!terms || !this.isDue()) return null;
    const attempt = this.now();
    if (!(await document.save(attempt))) return null;
    this.last = attempt;
    return terms;
  }

  private now(): HostReboot {
    const { hostFacts } = this.needs;
    return { bootId: hostFacts.bootId, uptimeS: hostFacts.uptimeS() };
  }
}

export async function loadRebootBudget(needs: BudgetNeeds): Promise<RebootBudget> {
  return new RebootBudget(needs, await needs.document.load());
}
