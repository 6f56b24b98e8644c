import type { History, ReportName, SentReport, StoredRow } from './history.ts';

/** One report with which "acknowledged means committed" does not hold. */
export interface Violation extends ReportName {
  readonly code: /** Acknowledged, and not (or not wholly) stored. */
    | 'acknowledged-lost'
    /** Never acknowledged although the device waited for it to the end. */
    | 'never-acknowledged'
    /** A row of it is stored more than once. */
    | 'doubled'
    /** Stored, and no device sent it. */
    | 'invented'
    /** Acknowledged before any device had sent it. */
    | 'acknowledged-early';
}

const streamOf = ({ device, epoch }: { readonly device: string; readonly epoch: string }) => `${device}/${epoch}`;
const keyOf = (name: ReportName) => `${streamOf(name)}/${name.sequence}`;

function acknowledgedThrough({ acks }: History): Map<string, number> {
  const through = new Map<string, number>();
  for (const ack of acks) through.set(streamOf(ack), Math.max(ack.through, through.get(streamOf(ack)) ?? 0));
  return through;
}

function sentReports({ sent }: History): Map<string, SentReport> {
  return new Map(sent.map((report) => [keyOf(report), report]));
}

/** Stored rows of each report: how often each index is there. */
function storedRows(stored: readonly StoredRow[]): Map<string, Map<number, number>> {
  const rows = new Map<string, Map<number, number>>();
  for (const row of stored) {
    const indexes = rows.get(keyOf(row)) ?? new Map<number, number>();
    indexes.set(row.index, (indexes.get(row.index) ?? 0) + 1);
    rows.set(keyOf(row), indexes);
  }
  return rows;
}

/**
 * What is wrong with a finished history, given all that is stored now. A history is finished when its devices waited until nothing of
 * theirs was left unacknowledged. Empty: every acknowledged report is stored exactly once, and everything was acknowledged.
 */
export function findViolations(history: History, stored: readonly StoredRow[]): Violation[] {
  const through = acknowledgedThrough(history);
  const sent = sentReports(history);
  const rows = storedRows(stored);
  const violations: Violation[] = [];
  for (const [key, { device, epoch, sequence, rows: wanted }] of sent) {
    const name = { device, epoch, sequence };
    const acknowledged = sequence <= (through.get(streamOf(name)) ?? 0);
    const found = rows.get(key);
    if (!acknowledged) violations.push({ ...name, code: 'never-acknowledged' });
    if (acknowledged && (found?.size ?? 0) < wanted) violations.push({ ...name, code: 'acknowledged-lost' });
    if ([...(found?.values() ?? [])].some((count) => count > 1)) violations.push({ ...name, code: 'doubled' });
  }
  for (const row of stored) if (!sent.has(keyOf(row))) violations.push({ ...nameOf(row), code: 'invented' });
  return [...violations, ...earlyAcknowledgements(history)];
}

const nameOf = ({ device, epoch, sequence }: ReportName): ReportName => ({ device, epoch, sequence });

function earlyAcknowledgements({ sent, acks }: History): Violation[] {
  const highest = new Map<string, number>();
  for (const report of sent) highest.set(streamOf(report), Math.max(report.sequence, highest.get(streamOf(report)) ?? 0));
  return acks
    .filter((ack) => ack.through > (highest.get(streamOf(ack)) ?? 0))
    .map(({ device, epoch, through }) => ({ device, epoch, sequence: through, code: 'acknowledged-early' }));
}
