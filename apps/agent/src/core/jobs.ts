import type { JobDown, JobOrder, JobReport } from '@towline/protocol';

export interface QueuedJob {
  readonly id: string;
  readonly order: JobOrder;
  /** Monotonic milliseconds after which it may no longer start. */
  readonly expiresAtMs: number;
}

export interface JobEnding {
  readonly id: string;
  readonly state: Extract<JobReport['state'], 'succeeded' | 'failed' | 'rejected' | 'expired' | 'cancelled'>;
  readonly fault: JobReport['fault'];
  readonly result: JobReport['result'];
}

/** Jobs of one device. Ids of ended jobs are remembered, within a bound, so that none is carried out twice. */
export interface Jobs {
  readonly queue: readonly QueuedJob[];
  /** `boot`: during which start of the host it was begun. */
  readonly running: { readonly id: string; readonly order: JobOrder; readonly boot?: string | undefined } | null;
  readonly ended: readonly Pick<JobEnding, 'id' | 'state' | 'fault'>[];
}

/** What of the jobs is on flash: written before one is begun that cuts or reboots, and when it ended. */
export type JobsRecord = Pick<Jobs, 'running' | 'ended'>;

export type JobsEvent =
  | { readonly kind: 'arrived'; readonly job: JobDown; readonly nowMs: number; readonly modems: readonly string[] }
  | { readonly kind: 'turn'; readonly nowMs: number; readonly boot: string }
  | { readonly kind: 'ended'; readonly ending: JobEnding }
  /** A process starts and finds a job that the last one had begun. */
  | { readonly kind: 'resumed'; readonly boot: string };

export type JobsEffect =
  | { readonly kind: 'report'; readonly job: Omit<JobReport, 'epoch' | 'sequence' | 'base' | 'sentAt'> }
  | { readonly kind: 'save'; readonly record: JobsRecord }
  | { readonly kind: 'start'; readonly id: string; readonly order: JobOrder }
  | { readonly kind: 'cancel'; readonly id: string };

type Turn = readonly [Jobs, readonly JobsEffect[]];

const maxQueued = 16;
const maxRemembered = 64;

export const noJobs: Jobs = { queue: [], running: null, ended: [] };

const cutting: readonly JobOrder['kind'][] = ['reset-modem', 'hang-up', 'scan', 'switch-mode', 'reboot'];

/** The bearer goes down with it, or may: none of these while a change is under way, which would be blamed for it. */
export const cutsLink = ({ kind }: JobOrder): boolean => cutting.includes(kind);

/** Reading and asking may be repeated, and dialling only hastens what the loop does anyway. The others must not be begun twice. */
const needsJournal = cutsLink;

/** Which modem is meant; undefined: the first, or none. */
export const modemOf = (order: JobOrder): string | undefined => (order.kind === 'reboot' ? undefined : order.modem);

const recordOf = ({ running, ended }: Jobs): JobsRecord => ({ running: running && needsJournal(running.order) ? running : null, ended });

const fault = (code: string) => ({ code, evidence: [] });

function reportOf(id: string, state: JobReport['state'], progress: number): JobsEffect {
  return { kind: 'report', job: { id, state, progress, fault: null, result: null } };
}

function withEnding(jobs: Jobs, ending: JobEnding): Turn {
  const { id, state } = ending;
  const next = {
    queue: jobs.queue.filter((job) => job.id !== id),
    running: jobs.running?.id === id ? null : jobs.running,
    ended: [...jobs.ended, { id, state, fault: ending.fault }].slice(-maxRemembered),
  };
  const report: JobsEffect = { kind: 'report', job: { id, state, progress: 100, fault: ending.fault, result: ending.result } };
  return [next, [{ kind: 'save', record: recordOf(next) }, report]];
}

type Start = Extract<JobDown, { action: 'start' }>;

function started(jobs: Jobs, job: Start, { nowMs, modems }: { readonly nowMs: number; readonly modems: readonly string[] }): Turn {
  const before = jobs.ended.find(({ id }) => id === job.id);
  // The control plane asks again when it never committed the end, or was restored to before it: say it again.
  if (before) return [jobs, [{ kind: 'report', job: { ...before, progress: 100, result: null, repeated: true } }]];
  if (jobs.running?.id === job.id || jobs.queue.some(({ id }) => id === job.id)) return [jobs, []];
  const rejected = (code: string) => withEnding(jobs, { id: job.id, state: 'rejected', fault: fault(code), result: null });
  const modem = modemOf(job.order);
  if (modem !== undefined && !modems.includes(modem)) return rejected('job.unknown-modem');
  if (jobs.queue.length >= maxQueued) return rejected('job.queue-full');
  const queued = { id: job.id, order: job.order, expiresAtMs: nowMs + job.ttlS * 1_000 };
  return [{ ...jobs, queue: [...jobs.queue, queued] }, [reportOf(job.id, 'accepted', 0)]];
}

function cancelled(jobs: Jobs, id: string): Turn {
  if (jobs.queue.some((job) => job.id === id)) return withEnding(jobs, { id, state: 'cancelled', fault: null, result: null });
  // Whether a running job can still be taken back is the runner's to say; it ends one way or the other.
  return [jobs, jobs.running?.id === id ? [{ kind: 'cancel', id }] : []];
}

function nextTurn(jobs: Jobs, { nowMs, boot }: { readonly nowMs: number; readonly boot: string }): Turn {
  const [first, ...queue] = jobs.queue;
  if (jobs.running || !first) return [jobs, []];
  if (nowMs > first.expiresAtMs) {
    const [after, effects] = withEnding(jobs, { id: first.id, state: 'expired', fault: null, result: null });
    const [next, more] = nextTurn(after, { nowMs, boot });
    return [next, [...effects, ...more]];
  }
  const next = { ...jobs, queue, running: { id: first.id, order: first.order, boot } };
  const journal: JobsEffect[] = needsJournal(first.order) ? [{ kind: 'save', record: recordOf(next) }] : [];
  return [next, [...journal, reportOf(first.id, 'running', 10), { kind: 'start', id: first.id, order: first.order }]];
}

/** A host that has started anew has done its reboot. All else may or may not have been carried out; it is not begun a second time. */
function endingOf({ id, order, boot }: NonNullable<Jobs['running']>, bootNow: string): JobEnding {
  if (order.kind === 'reboot' && boot !== undefined && boot !== bootNow) return { id, state: 'succeeded', fault: null, result: null };
  return { id, state: 'failed', fault: fault('job.interrupted'), result: null };
}

/** One step of the jobs machine. Effects are carried out in order. */
export function stepJobs(jobs: Jobs, event: JobsEvent): Turn {
  switch (event.kind) {
    case 'arrived':
      return event.job.action === 'start' ? started(jobs, event.job, event) : cancelled(jobs, event.job.id);
    case 'turn':
      return nextTurn(jobs, event);
    case 'ended':
      return jobs.running?.id === event.ending.id ? withEnding(jobs, event.ending) : [jobs, []];
    case 'resumed':
      return jobs.running ? withEnding(jobs, endingOf(jobs.running, event.boot)) : [jobs, []];
  }
}
