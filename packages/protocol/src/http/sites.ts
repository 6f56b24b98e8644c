import * as z from 'zod';
import { deviceIdSchema } from '../scalars.ts';
import { filterSchema } from './devices.ts';
import { momentSchema, nameSchema, pageSchema, timeSchema } from './page.ts';
import { zoneSchema } from './zones.ts';

/** Somebody is at work there: no change and no job is opened for its devices. `until` null: until it is lifted. */
export const siteHoldSchema = z
  .object({ reason: z.string(), until: timeSchema.nullable(), since: timeSchema, by: z.uuid() })
  .meta({ id: 'SiteHold' });
export type SiteHold = z.infer<typeof siteHoldSchema>;
export const holdSiteSchema = z.strictObject({ reason: nameSchema, until: momentSchema.optional() }).meta({ id: 'HoldSite' });
export type HoldSite = z.infer<typeof holdSiteSchema>;

export const siteSchema = z
  .object({ id: z.uuid(), name: z.string(), zone: z.string().nullable(), hold: siteHoldSchema.nullable() })
  .meta({ id: 'Site' });
export type Site = z.infer<typeof siteSchema>;
export const sitePageSchema = pageSchema(siteSchema, 'SitePage');
export const createSiteSchema = z.strictObject({ name: nameSchema, zone: zoneSchema.nullable().default(null) }).meta({ id: 'CreateSite' });
export type CreateSite = z.infer<typeof createSiteSchema>;
/** `zone` counts for the devices there that have none of their own; null takes it away. */
export const updateSiteSchema = z
  .strictObject({ name: nameSchema.optional(), zone: zoneSchema.nullable().optional() })
  .meta({ id: 'UpdateSite' });
export type UpdateSite = z.infer<typeof updateSiteSchema>;

const rankSchema = z.int().min(1).max(1_000_000);

/**
 * Where the rules of two groups meet, those of the lower rank win. A group has members that were added, or, with a filter, also whoever
 * matches it whenever it is asked; such a filter names no groups.
 */
export const groupSchema = z
  .object({ id: z.uuid(), name: z.string(), rank: rankSchema, filter: z.string().nullable() })
  .meta({ id: 'Group' });
export type Group = z.infer<typeof groupSchema>;
export const groupPageSchema = pageSchema(groupSchema, 'GroupPage');
export const createGroupSchema = z
  .strictObject({ name: nameSchema, rank: rankSchema, filter: filterSchema.optional() })
  .meta({ id: 'CreateGroup' });
export type CreateGroup = z.infer<typeof createGroupSchema>;
export const updateGroupSchema = z
  .strictObject({ name: nameSchema.optional(), rank: rankSchema.optional(), filter: filterSchema.nullable().optional() })
  .meta({ id: 'UpdateGroup' });
export type UpdateGroup = z.infer<typeof updateGroupSchema>;

const members = z.array(deviceIdSchema).max(1000).default([]);
export const changeMembersSchema = z.strictObject({ add: members, remove: members }).meta({ id: 'ChangeMembers' });
export type ChangeMembers = z.infer<typeof changeMembersSchema>;
export const membersChangedSchema = z
  .object({ added: z.int(), removed: z.int(), unknown: z.array(z.string()) })
  .meta({ id: 'MembersChanged' });
export type MembersChanged = z.infer<typeof membersChangedSchema>;
export const memberPageSchema = pageSchema(z.object({ device: z.string(), name: z.string() }).meta({ id: 'Member' }), 'MemberPage');
