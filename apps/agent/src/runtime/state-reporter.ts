import type { Cancel, Clock, Random } from '@towline/kit';
import type { TargetStatus } from '@towline/protocol';
import { uplinksOf } from '../core/abilities.ts';
import { modemState, stateKey, targetDetail, targetStatus } from '../core/modem-state.ts';
import type { ModemView } from './modem-loop.ts';
import type { HostFacts } from './ports.ts';
import type { Reporter } from './reporter.ts';
import type { HeldTarget } from './stored-schemas.ts';

interface StateNeeds {
  readonly clock: Clock;
  readonly random: Random;
  readonly reporter: Reporter;
  readonly hostFacts: HostFacts;
}

/**
 * Changes within so long go out as one report. On the way to its target a modem passes half a dozen states, and where it gets to is what counts: that
 * is told at once.
 */
const gatherMs = { underWay: 5_000, settled: 1_000 } as const;

/** How long a modem may be absent, locked or searching before the target counts as failed because of it: LTE-M and NB-IoT search for 15 minutes. */
const overdueMs = 30 * 60_000;

/** Tells the device's state when it changed, and as a slow beat. */
export class StateReporter {
  private readonly needs: StateNeeds;
  private readonly beatMs: number;
  private readonly held: () => HeldTarget | null;
  private readonly views = new Map<string, ModemView>();
  private status: TargetStatus['status'] = 'applying';
  private heldSinceMs = 0;
  private toldKey = '';
  private cancelGather: Cancel | null = null;
  private gatherUntilMs = 0;
  private cancelBeat: Cancel = () => {};

  constructor(needs: StateNeeds, options: { readonly beatS: number; readonly held: () => HeldTarget | null }) {
    this.needs = needs;
    this.beatMs = options.beatS * 1_000;
    this.held = options.held;
  }

  start(): void {
    this.heldSinceMs = this.needs.clock.monotonicMs();
    this.beat();
  }

  private beat(): void {
    const { clock, random } = this.needs;
    // Up to a tenth earlier, so that a fleet does not beat in step.
    this.cancelBeat = clock.schedule(this.beatMs * (1 - 0.1 * random.next()), () => {
      this.tell();
      this.beat();
    });
  }

  stop(): void {
    this.cancelBeat();
    this.cancelGather?.();
  }

  /** Another target is held: whatever was applied before does not count for it. */
  retarget(): void {
    this.status = 'applying';
    this.heldSinceMs = this.needs.clock.monotonicMs();
    this.views.clear();
    this.gather();
  }

  see(view: ModemView, modems: number): void {
    this.views.set(view.observed.id, view);
    const wasUnderWay = this.status === 'applying';
    if (this.views.size === modems) this.status = this.judged();
    if (wasUnderWay && this.status !== 'applying') return this.tell();
    // While it gathers it compares at the end.
    if (this.cancelGather || this.key() !== this.toldKey) this.gather();
  }

  private judged(): TargetStatus['status'] {
    const isOverdue = this.needs.clock.monotonicMs() - this.heldSinceMs > overdueMs;
    return targetStatus({
      progress: [...this.views.values()],
      version: this.held()?.version ?? null,
      before: this.status,
      isOverdue,
    });
  }

  /** Although nothing changed. */
  tellNow(): void {
    this.tell();
  }

  imeis(): string[] {
    return [...this.views.values()].flatMap(({ observed }) => (observed.identity ? [observed.identity.imei] : []));
  }

  private modems() {
    return [...this.views.values()].map(({ observed, decision, change, abilities }) => ({
      ...modemState(observed, decision, change),
      ...(abilities ? { abilities } : {}),
    }));
  }

  private target(): TargetStatus | null {
    const held = this.held();
    const { status } = this;
    return held && { version: held.version, digest: held.digest, status, ...targetDetail([...this.views.values()], status) };
  }

  private key(): string {
    return stateKey(this.modems(), this.target());
  }

  /** Sooner than it was to be, where it has settled since. */
  private gather(): void {
    const { clock } = this.needs;
    const isUnderWay = this.status === 'applying' && this.held() !== null;
    const dueMs = clock.monotonicMs() + (isUnderWay ? gatherMs.underWay : gatherMs.settled);
    if (this.cancelGather && this.gatherUntilMs <= dueMs) return;
    this.cancelGather?.();
    this.gatherUntilMs = dueMs;
    this.cancelGather = clock.schedule(dueMs - clock.monotonicMs(), () => {
      this.cancelGather = null;
      if (this.key() !== this.toldKey) this.tell();
    });
  }

  private tell(): void {
    const { reporter, hostFacts } = this.needs;
    this.cancelGather?.();
    this.cancelGather = null;
    this.toldKey = this.key();
    const held = { target: this.held()?.version ?? null };
    const uptimeS = Math.floor(hostFacts.uptimeS());
    const uplinks = uplinksOf([...this.views.values()].map(({ observed }) => observed));
    const body = { held, target: this.target(), uptimeS, ...(uplinks ? { uplinks } : {}), modems: this.modems() };
    reporter.offer({ channel: 'state', body });
  }
}
