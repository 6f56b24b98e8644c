import * as z from 'zod';
import { deviceIdSchema } from '../scalars.ts';
import { nameSchema, pageSchema } from './page.ts';

export const siteSchema = z.object({ id: z.uuid(), name: z.string() }).meta({ id: 'Site' });
export type Site = z.infer<typeof siteSchema>;
export const sitePageSchema = pageSchema(siteSchema, 'SitePage');
export const writeSiteSchema = z.strictObject({ name: nameSchema }).meta({ id: 'WriteSite' });
export type WriteSite = z.infer<typeof writeSiteSchema>;

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
