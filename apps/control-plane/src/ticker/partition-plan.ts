const dayMs = 24 * 60 * 60_000;
/** Made ahead, so that midnight finds its partition there. */
const daysAhead = 2;

export interface DayPartition {
  readonly name: string;
  /** First moment of the day and of the next, ISO 8601 in UTC. */
  readonly from: string;
  readonly to: string;
}

const startOfDay = (ms: number) => Math.floor(ms / dayMs) * dayMs;
const nameOf = (ms: number) => `telemetry_${new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')}`;
const namePattern = /^telemetry_\d{8}$/;

export interface PartitionPlan {
  readonly make: readonly DayPartition[];
  /** Names of days that are beyond the retention. */
  readonly drop: readonly string[];
}

/** Which days of telemetry need a partition and which have had their time. The default partition is never touched. */
export function planPartitions(existing: readonly string[], nowMs: number, retentionDays: number): PartitionPlan {
  const today = startOfDay(nowMs);
  const days = Array.from({ length: retentionDays + 1 + daysAhead }, (_, index) => today + (index - retentionDays) * dayMs);
  const make = days
    .filter((day) => !existing.includes(nameOf(day)))
    .map((day) => ({ name: nameOf(day), from: new Date(day).toISOString(), to: new Date(day + dayMs).toISOString() }));
  const oldest = nameOf(today - retentionDays * dayMs);
  return { make, drop: existing.filter((name) => namePattern.test(name) && name < oldest) };
}
