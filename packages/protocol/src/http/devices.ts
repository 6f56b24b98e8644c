import * as z from 'zod';
import { ruleLevelSchema, targetVersionSchema } from '../documents/target.ts';
import { modemStateSchema, targetChangeSchema } from '../messages/state.ts';
import { deviceIdSchema, faultReportSchema, simSlotSchema } from '../scalars.ts';
import { nameSchema, pageQuery, pageSchema, tagSchema, tagsSchema, timeSchema, versionRefSchema } from './page.ts';
import { shownProfileSchema } from './profiles.ts';
import { effectiveZoneSchema, zoneSchema } from './zones.ts';

/**
 * `waiting`: the device did not yet say that it holds it. `overtaken`: it holds a later one, or another of this number, which this database
 * knows nothing of: it was restored from a backup. What is given next is later than that.
 */
export const shownTargetStatusSchema = z.enum(['waiting', 'held', 'applying', 'applied', 'failed', 'reverted', 'overtaken']);
export type ShownTargetStatus = z.infer<typeof shownTargetStatusSchema>;

export const targetSummarySchema = z
  .object({ version: targetVersionSchema, policy: versionRefSchema, status: shownTargetStatusSchema })
  .meta({ id: 'TargetSummary' });

/** A device in a list; modem fields are those of its first modem as last reported. */
export const deviceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    site: z.object({ id: z.uuid(), name: z.string() }).nullable(),
    tags: z.array(z.string()),
    online: z.boolean(),
    /** While it is online, up to a minute old; of who left, when that was. */
    lastSeen: timeSchema.nullable(),
    model: z.string().nullable(),
    imei: z.string().nullable(),
    iccid: z.string().nullable(),
    imsi: z.string().nullable(),
    homePlmn: z.string().nullable(),
    servingPlmn: z.string().nullable(),
    registration: z.string().nullable(),
    state: z.string().nullable(),
    apn: z.string().nullable(),
    fault: z.string().nullable(),
    /** dBm: RSRP where the technology has it, else RSSI. While it is online, up to a minute old. */
    signal: z.number().nullable(),
    target: targetSummarySchema.nullable(),
  })
  .meta({ id: 'Device' });
export type Device = z.infer<typeof deviceSchema>;
export const devicePageSchema = pageSchema(deviceSchema, 'DevicePage');

/** `signal` is worst first, `lastSeen` longest ago first; a minus turns it round. Devices without a value come last either way. */
export const deviceSortSchema = z.enum(['id', '-id', 'name', '-name', 'lastSeen', '-lastSeen', 'signal', '-signal']);
export type DeviceSort = z.infer<typeof deviceSortSchema>;

export const filterSchema = z.string().min(1).max(2000);

/** `filter` is RSQL: `site==north;tag==roof;signal=lt=-110`. */
export const deviceQuerySchema = z.strictObject({ ...pageQuery, filter: filterSchema.optional(), sort: deviceSortSchema.default('id') });
export type DeviceQuery = z.infer<typeof deviceQuerySchema>;

/** What the target wants and the device says otherwise. */
export const driftSchema = z
  .object({
    modem: z.string(),
    field: z.enum(['rule', 'profile', 'apn', 'ipType', 'dataMode', 'simSlot']),
    wanted: z.string().nullable(),
    reported: z.string().nullable(),
  })
  .meta({ id: 'Drift' });
export type Drift = z.infer<typeof driftSchema>;

export const shownTargetRuleSchema = z
  .object({
    name: z.string(),
    level: ruleLevelSchema,
    profileRef: z.string(),
    profile: shownProfileSchema,
    simSlot: z.optional(simSlotSchema),
    pinSet: z.boolean(),
  })
  .meta({ id: 'ShownTargetRule' });

export const shownTargetSchema = targetSummarySchema
  .extend({
    digest: z.string(),
    assignedAt: timeSchema,
    assignedBy: z.uuid(),
    heldAt: timeSchema.nullable(),
    statusAt: timeSchema.nullable(),
    /** Why it is not applied, as the device says; of `reverted`, why it was given up. */
    fault: z.nullable(faultReportSchema),
    /** The change under way on the device, as it last reported. */
    underway: z.nullable(targetChangeSchema),
    /** Of a change that went back without a verdict: how many tries it has left, and when the next begins, by the device's clock. */
    pause: z.object({ triesLeft: z.int(), until: timeSchema.nullable() }).nullable(),
    /** The change by which the device asked over the changed bearer that this target may stay, and when it was said yes to. */
    change: z.object({ transaction: z.string(), announcedAt: timeSchema, confirmedAt: timeSchema.nullable() }).nullable(),
    rules: z.array(shownTargetRuleSchema),
  })
  .meta({ id: 'Target' });
export type ShownTarget = z.infer<typeof shownTargetSchema>;

/** One device with all that is known of it. */
export const deviceDetailSchema = deviceSchema
  .extend({
    createdAt: timeSchema,
    credential: z.enum(['valid', 'revoked']),
    agentVersion: z.string().nullable(),
    bootId: z.string().nullable(),
    /** When two gateways were seen to take turns under this identity. */
    cloneSuspectedAt: timeSchema.nullable(),
    fingerprint: z.object({ boardSerial: z.string().nullable(), imeis: z.array(z.string()) }).nullable(),
    groups: z.array(z.object({ id: z.uuid(), name: z.string(), rank: z.int() })),
    /** Whose clock windows are read by. */
    zone: effectiveZoneSchema,
    reported: z
      .object({ at: timeSchema, uptimeS: z.int(), uplinks: z.array(z.string()).optional(), modems: z.array(modemStateSchema) })
      .nullable(),
    target: shownTargetSchema.nullable(),
    drift: z.array(driftSchema),
  })
  .meta({ id: 'DeviceDetail' });
export type DeviceDetail = z.infer<typeof deviceDetailSchema>;

export const updateDeviceSchema = z
  .strictObject({
    name: nameSchema.optional(),
    tags: tagsSchema.optional(),
    site: z.uuid().nullable().optional(),
    zone: zoneSchema.nullable().optional(),
  })
  .meta({ id: 'UpdateDevice' });
export type UpdateDevice = z.infer<typeof updateDeviceSchema>;

export const maxBulkDevices = 1000;
export const deviceIdsSchema = z.array(deviceIdSchema).min(1).max(maxBulkDevices);

/**
 * Which devices: named, or all that match an RSQL filter. Moves no link. By filter it is done in short transactions, not in one:
 * an answer, or a failure, in between leaves some devices edited. Sent again it does the rest, with `cursor` from where it stood.
 */
export const editTagsSchema = z
  .strictObject({
    devices: deviceIdsSchema.optional(),
    filter: filterSchema.optional(),
    add: z.array(tagSchema).max(50).default([]),
    remove: z.array(tagSchema).max(50).default([]),
    cursor: pageQuery.cursor,
  })
  .refine((edit) => (edit.devices === undefined) !== (edit.filter === undefined), {
    path: ['devices'],
    message: 'give either devices or filter',
  })
  .refine((edit) => edit.cursor === undefined || edit.filter !== undefined, { path: ['cursor'], message: 'goes with a filter only' })
  .refine((edit) => edit.add.length + edit.remove.length > 0, { path: ['add'], message: 'give at least one tag to add or remove' })
  .meta({ id: 'EditTags' });
export type EditTags = z.infer<typeof editTagsSchema>;
/** `next`: there are more devices than one request edits; send the same once more with it as `cursor`. Null: all are done. */
export const tagsEditedSchema = z
  .object({ changed: z.int(), unknown: z.array(z.string()), next: z.string().nullable() })
  .meta({ id: 'TagsEdited' });
export type TagsEdited = z.infer<typeof tagsEditedSchema>;

/** Which devices: named, or all that match a filter, as with tags, and answered like those. Null takes the device's own zone away. Moves no link. */
export const setZoneSchema = z
  .strictObject({
    devices: deviceIdsSchema.optional(),
    filter: filterSchema.optional(),
    zone: zoneSchema.nullable(),
    cursor: pageQuery.cursor,
  })
  .refine((edit) => (edit.devices === undefined) !== (edit.filter === undefined), {
    path: ['devices'],
    message: 'give either devices or filter',
  })
  .refine((edit) => edit.cursor === undefined || edit.filter !== undefined, { path: ['cursor'], message: 'goes with a filter only' })
  .meta({ id: 'SetZone' });
export type SetZone = z.infer<typeof setZoneSchema>;
