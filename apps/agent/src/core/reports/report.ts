import type { EventReport, JobReport, ReportChannel, ReportEnvelope, StateReport, TelemetryReport } from '@towline/protocol';

/** A report before its envelope. */
export type ReportBody =
  | { readonly channel: 'state'; readonly body: Omit<StateReport, keyof ReportEnvelope> }
  | { readonly channel: 'telemetry'; readonly body: Omit<TelemetryReport, keyof ReportEnvelope> }
  | { readonly channel: 'event'; readonly body: Omit<EventReport, keyof ReportEnvelope> }
  | { readonly channel: 'job'; readonly body: Omit<JobReport, keyof ReportEnvelope> };

/** A report that has its place in the stream. */
export interface NumberedReport {
  readonly sequence: number;
  readonly report: ReportBody;
}

const endings: readonly JobReport['state'][] = ['succeeded', 'failed', 'rejected', 'expired', 'cancelled'];

/**
 * Where a report waits for its acknowledgement (docs/adr/0003-where-reports-live.md). Flash is for what is rare and would be missed:
 * how a job ended, and events that somebody must see. A link that flaps all day writes nothing.
 */
export function livesOnFlash({ channel, body }: ReportBody): boolean {
  if (channel === 'job') return endings.includes(body.state);
  return channel === 'event' && body.events.some((event) => event.severity !== 'info');
}

/** What a newer report replaces while it waits unsent: the state of the device, and the progress of one job. Null: nothing. */
export function coalescingKey({ channel, body }: ReportBody): string | null {
  if (channel === 'state') return 'state';
  return channel === 'job' && !endings.includes(body.state) ? `job ${body.id}` : null;
}

/** How many of each channel were lost, to be told in an event. */
export type LossCount = { readonly [Channel in ReportChannel]?: number | undefined };
