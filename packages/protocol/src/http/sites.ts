import * as z from 'zod';
import { deviceIdSchema } from '../scalars.ts';
import { nameSchema, pageSchema } from './page.ts';
import { zoneSchema } from './zones.ts';

export const siteSchema = z.object({ id: z.uuid(), name: z.string(), zone: z.string().nullable() }).meta({ id: 'Site' });
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

/** Where the rules of two groups meet, those of the lower rank win. */
export const groupSchema = z.object({ id: z.uuid(), name: z.string(), rank: rankSchema }).meta({ id: 'Group' });
export type Group = z.infer<typeof groupSchema>;
export const groupPageSchema = pageSchema(groupSchema, 'GroupPage');
export const createGroupSchema = z.strictObject({ name: nameSchema, rank: rankSchema }).meta({ id: 'CreateGroup' });
export type CreateGroup = z.infer<typeof createGroupSchema>;
export const updateGroupSchema = z.strictObject({ name: nameSchema.optional(), rank: rankSchema.optional() }).meta({ id: 'UpdateGroup' });
export type UpdateGroup = z.infer<typeof updateGroupSchema>;

const members = z.array(deviceIdSchema).max(1000).default([]);
export const changeMembersSchema = z.strictObject({ add: members, remove: members }).meta({ id: 'ChangeMembers' });
export type ChangeMembers = z.infer<typeof changeMembersSchema>;
export const membersChangedSchema = z
  .object({ added: z.int(), removed: z.int(), unknown: z.array(z.string()) })
  .meta({ id: 'MembersChanged' });
export type MembersChanged = z.infer<typeof membersChangedSchema>;
export const memberPageSchema = pageSchema(z.object({ device: z.string(), name: z.string() }).meta({ id: 'Member' }), 'MemberPage');
