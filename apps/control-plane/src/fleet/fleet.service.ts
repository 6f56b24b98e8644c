import type { Clock } from '@towline/kit';
import type { FleetSummary } from '@towline/protocol/http';
import type { FleetRepository } from './fleet.repository.ts';

const leastFreshMs = 2000;
/** A summary is kept this many times longer than it took, so that summaries take a bounded share of the database. */
const shareOfTime = 20;

interface Kept {
  readonly summary: Promise<FleetSummary>;
  untilMs: number;
}

/** Numbers of the fleet, read once for all who ask at the same time. */
export class FleetService {
  readonly #fleet: Pick<FleetRepository, 'summary'>;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor(fleet: Pick<FleetRepository, 'summary'>, clock: Clock) {
    this.#fleet = fleet;
    this.#clock = clock;
  }

  summary(tenantId: string): Promise<FleetSummary> {
    const kept = this.#kept.get(tenantId);
    if (kept && kept.untilMs > this.#clock.monotonicMs()) return kept.summary;
    const fresh: Kept = { summary: this.#read(tenantId), untilMs: Number.POSITIVE_INFINITY };
    this.#kept.set(tenantId, fresh);
    return this.#keep(tenantId, fresh);
  }

  async #keep(tenantId: string, fresh: Kept): Promise<FleetSummary> {
    const startedMs = this.#clock.monotonicMs();
    try {
      const summary = await fresh.summary;
      const now = this.#clock.monotonicMs();
      fresh.untilMs = now + Math.max(leastFreshMs, (now - startedMs) * shareOfTime);
      return summary;
    } catch (error) {
      this.#kept.delete(tenantId);
      throw error;
    }
  }

  async #read(tenantId: string): Promise<FleetSummary> {
    return { at: new Date(this.#clock.wallMs()).toISOString(), ...(await this.#fleet.summary(tenantId)) };
  }
}
