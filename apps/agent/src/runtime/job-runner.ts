import { type Clock, faultText, type Log } from '@towline/kit';
import type { JobDown, JobOrder } from '@towline/protocol';
import { cutsLink, type Jobs, type JobsEffect, type JobsEvent, type JobsRecord, modemOf, noJobs, stepJobs } from '../core/jobs.ts';
import type { OrderOutcome } from '../core/orders.ts';
import type { ChangeKeeper } from './change/change-keeper.ts';
import type { Document } from './document.ts';
import type { ModemLoop } from './modem-loop.ts';
import type { LogEvent, Reboot } from './ports.ts';
import { rebootHost } from './reboot-host.ts';
import type { Reporter } from './reporter.ts';

export interface JobRunner {
  receive(job: JobDown): void;
  /** A job of a kind that this agent does not know is answered, not ignored. */
  refuseUnknown(id: string): void;
}

interface JobNeeds {
  readonly document: Document<JobsRecord>;
  readonly clock: Clock;
  readonly log: Log<LogEvent>;
  readonly reporter: Reporter;
  readonly loops: () => readonly ModemLoop[];
  readonly changes: Pick<ChangeKeeper, 'declareReboot' | 'hasOpen' | 'isChanging' | 'isConfirmed'>;
  readonly bootId: string;
  /** Null where the configuration names no way to restart the host. */
  readonly reboot: Reboot | null;
}

class QueuedJobRunner implements JobRunner {
  private readonly needs: JobNeeds;
  private jobs: Jobs;
  private tail: Promise<void> = Promise.resolve();
  /** Whether what was last to be kept is on flash. */
  private isKept = false;

  constructor(needs: JobNeeds, record: JobsRecord | null) {
    this.needs = needs;
    this.jobs = { ...noJobs, ...record };
    this.step({ kind: 'resumed', boot: needs.bootId });
  }

  receive(job: JobDown): void {
    const modems = this.needs.loops().map(({ config }) => config.id);
    const nowMs = this.needs.clock.monotonicMs();
    this.step({ kind: 'arrived', job, nowMs, modems });
    this.step({ kind: 'turn', nowMs, boot: this.needs.bootId });
  }

  refuseUnknown(id: string): void {
    const fault = { code: 'job.unknown-kind', evidence: [] };
    this.needs.reporter.offer({ channel: 'job', body: { id, state: 'rejected', progress: 100, fault, result: null } });
  }

  /** The state changes at once; its effects follow in order. The queue's own bound bounds them too. */
  private step(event: JobsEvent): void {
    const [jobs, effects] = stepJobs(this.jobs, event);
    this.jobs = jobs;
    if (effects.length > 0) this.tail = this.tail.then(() => this.carryOut(effects));
  }

  private async carryOut(effects: readonly JobsEffect[]): Promise<void> {
    for (const effect of effects) {
      if (effect.kind === 'save') this.isKept = await this.needs.document.save(effect.record);
      else if (effect.kind === 'report') this.needs.reporter.offer({ channel: 'job', body: effect.job });
      else if (effect.kind === 'cancel') this.loopOf(this.jobs.running?.order)?.cancelOrder();
      else void this.start(effect.id, effect.order);
    }
  }

  private loopOf(order: JobOrder | undefined): ModemLoop | undefined {
    const loops = this.needs.loops();
    const modem = order && modemOf(order);
    return modem === undefined ? loops[0] : loops.find(({ config }) => config.id === modem);
  }

  private async start(id: string, order: JobOrder): Promise<void> {
    const { log, clock } = this.needs;
    log.info('job.started', { id, kind: order.kind });
    const outcome = await this.outcomeOf(order);
    log.info('job.ended', { id, kind: order.kind, state: outcome.state, fault: outcome.fault?.code });
    this.step({ kind: 'ended', ending: { id, ...outcome } });
    this.step({ kind: 'turn', nowMs: clock.monotonicMs(), boot: this.needs.bootId });
  }

  /** What must not be begun now. */
  private obstacleTo(order: JobOrder): string | null {
    const { changes, reboot } = this.needs;
    if (cutsLink(order) && changes.isChanging()) return 'job.change-open';
    if (order.kind === 'reboot' && !reboot) return 'job.not-allowed';
    if (order.kind !== 'switch-mode') return null;
    if (changes.hasOpen()) return 'job.change-open';
    return changes.isConfirmed() ? null : 'job.no-safe-change';
  }

  private async outcomeOf(order: JobOrder): Promise<OrderOutcome> {
    const obstacle = this.obstacleTo(order);
    if (obstacle) return { state: 'rejected', fault: { code: obstacle, evidence: [] }, result: null };
    const { reboot } = this.needs;
    if (order.kind === 'reboot' && reboot) return rebootHost({ ...this.needs, reboot, isKept: this.isKept });
    const loop = this.loopOf(order);
    const failed = (code: string, evidence: string[]) => ({ state: 'failed', fault: { code, evidence }, result: null }) as const;
    try {
      return loop ? await loop.carryOut(order) : failed('job.unknown-modem', []);
    } catch (error) {
      return failed('job.failed', [faultText(error).slice(0, 256)]);
    }
  }
}

export async function loadJobRunner(needs: JobNeeds): Promise<JobRunner> {
  return new QueuedJobRunner(needs, await needs.document.load());
}
