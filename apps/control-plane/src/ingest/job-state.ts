import type { JobReport } from '@towline/protocol';

export type JobState = 'queued' | JobReport['state'];

const order: readonly JobState[] = ['queued', 'accepted', 'running'];

/** Nothing more is said of a job after one of these. */
export function isFinal(state: JobState): boolean {
  return !order.includes(state);
}

export interface JobStanding {
  readonly state: JobState;
  /** 0 to 100. */
  readonly progress: number;
}

/** We took it for expired, or for failed in silence, and the device never said so: it may have taken it, or done it, all the same. */
const isPresumedEnded = ({ state, progress }: JobStanding): boolean => (state === 'expired' || state === 'failed') && progress < 100;

/** The device did it before it took it from this database, which was restored from a backup since. */
export function isRemembered(standing: JobStanding, { repeated }: Pick<JobReport, 'repeated'>): boolean {
  return repeated === true && (standing.state === 'queued' || isPresumedEnded(standing));
}

/** Where a job stands after a report; null when the report changes nothing: late, repeated, or after the end. */
export function advanceJob(standing: JobStanding, report: JobStanding): JobStanding | null {
  const current: JobStanding = isPresumedEnded(standing) ? { ...standing, state: 'queued' } : standing;
  if (isFinal(current.state)) return null;
  if (isFinal(report.state)) return report;
  const [from, to] = [order.indexOf(current.state), order.indexOf(report.state)];
  if (to < from || (to === from && report.progress <= current.progress)) return null;
  return { state: report.state, progress: Math.max(current.progress, report.progress) };
}
