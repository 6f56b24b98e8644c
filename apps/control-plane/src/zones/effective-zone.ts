import type { EffectiveZone } from '@towline/protocol/http';
import { sql } from '../platform/sql.ts';

/** What was said of the zone of a device, from near to far. */
export interface ZoneSayings {
  readonly device: string | null;
  readonly site: string | null;
  readonly tenant: string | null;
}

/** The device's own zone, else its site's, else the tenant's, else UTC. */
export function effectiveZone({ device, site, tenant }: ZoneSayings): EffectiveZone {
  if (device !== null) return { name: device, from: 'device' };
  if (site !== null) return { name: site, from: 'site' };
  if (tenant !== null) return { name: tenant, from: 'tenant' };
  return { name: 'UTC', from: 'default' };
}

/** The same in SQL, of `device d`. */
export const effectiveZoneColumn = sql`coalesce(d.zone, (select zs.zone from site zs where zs.tenant_id = d.tenant_id and zs.id = d.site_id), (select zt.zone from tenant zt where zt.id = d.tenant_id), 'UTC')`;
