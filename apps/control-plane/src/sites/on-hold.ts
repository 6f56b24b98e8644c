import { type Sql, sql } from '../platform/sql.ts';

/** Whether the site of `device d` is on hold now, by the database's clock. Whoever opens a change or a job asks this in the same transaction. */
export const siteOnHold: Sql = sql`exists (select 1 from site_hold h where h.tenant_id = d.tenant_id and h.site_id = d.site_id and (h.expires_at is null or h.expires_at > now()))`;
