import type { DeviceAddress } from '@towline/protocol';
import type pg from 'pg';
import type { FreshJob } from './batch-draft.ts';
import { advanceJob, isRemembered, type JobState } from './job-state.ts';

interface StoredJob extends DeviceAddress {
  readonly id: string;
  readonly state: JobState;
  readonly progress: number;
}

export interface JobChange {
  readonly address: DeviceAddress;
  readonly id: string;
}

const jobKey = ({ tenant, device }: DeviceAddress, id: string) => `${tenant}/${device}/${id}`;

/** Writes how far jobs are. A job that isn't this device's, or has ended, stays as it is. @returns those that changed */
export async function saveJobReports(client: pg.ClientBase, reports: readonly FreshJob[]): Promise<JobChange[]> {
  if (reports.length === 0) return [];
  const { rows } = await client.query<StoredJob>(
    `select tenant_id as tenant, device_id as device, id, state, progress from job where id = any($1::uuid[]) order by id for update`,
    [[...new Set(reports.map(({ report }) => report.id))]],
  );
  const standings = new Map(rows.map((job) => [jobKey(job, job.id), { state: job.state, progress: job.progress }]));
  const changes = new Map<string, FreshJob & { readonly remembered: boolean }>();
  for (const message of reports) {
    const key = jobKey(message.address, message.report.id);
    const current = standings.get(key);
    const next = current ? advanceJob(current, message.report) : null;
    if (!current || !next) continue;
    standings.set(key, next);
    changes.set(key, { ...message, remembered: isRemembered(current, message.report) });
  }
  await updateJobs(
    client,
    [...changes.entries()].map(([key, { address, report, remembered }]) => ({ ...address, ...report, remembered, ...standings.get(key) })),
  );
  return [...changes.values()].map(({ address, report }) => ({ address, id: report.id }));
}

async function updateJobs(client: pg.ClientBase, jobs: readonly object[]): Promise<void> {
  if (jobs.length === 0) return;
  await client.query(
    `update job j set state = r.state::job_state, progress = r.progress, fault = r.fault, result = r.result, remembered = r.remembered, updated_at = now()
       from jsonb_to_recordset($1::jsonb) as r (tenant text, device text, id uuid, state text, progress int, fault jsonb, result jsonb, remembered boolean)
      where j.tenant_id = r.tenant and j.device_id = r.device and j.id = r.id`,
    [JSON.stringify(jobs)],
  );
}
