import * as z from 'zod';
import { deviceIdsSchema, filterSchema } from './devices.ts';
import { nameSchema, pageSchema, timeSchema } from './page.ts';
import { problemSchema } from './problem.ts';

/**
 * Which devices something is for: named, matching an RSQL filter, in a group, or on an imported list. Static: those that belong to it when
 * the plan is made. `dynamic`: also those that come to belong to it later, at most `growthLimit` more than there were at approval.
 */
export const selectionSchema = z
  .strictObject({
    devices: deviceIdsSchema.optional(),
    filter: filterSchema.optional(),
    group: z.uuid().optional(),
    list: z.uuid().optional(),
    dynamic: z.strictObject({ growthLimit: z.int().min(1).max(1_000_000) }).optional(),
  })
  .refine(({ devices, filter, group, list }) => [devices, filter, group, list].filter((way) => way !== undefined).length === 1, {
    path: ['devices'],
    message: 'give exactly one of devices, filter, group or list',
  })
  .refine(({ dynamic, filter, group }) => dynamic === undefined || filter !== undefined || group !== undefined, {
    path: ['dynamic'],
    message: 'only a filter or a group can gain devices',
  })
  .meta({ id: 'Selection' });
export type Selection = z.infer<typeof selectionSchema>;

/** Devices as a file named them once; it does not change. */
export const deviceListSchema = z
  .object({ id: z.uuid(), name: z.string(), devices: z.int(), createdAt: timeSchema, createdBy: z.uuid() })
  .meta({ id: 'DeviceList' });
export type DeviceList = z.infer<typeof deviceListSchema>;
export const deviceListPageSchema = pageSchema(deviceListSchema, 'DeviceListPage');

/** With `partial`, rows that name no device are left out and told; without, one of them refuses the file. */
export const importListQuerySchema = z.strictObject({ name: nameSchema, partial: z.enum(['true', 'false']).default('false') });
export type ImportListQuery = z.infer<typeof importListQuerySchema>;

/** What is wrong with a row. `line` counts from 1, as editors do. */
export const badRowSchema = z
  .object({
    line: z.int(),
    value: z.string(),
    code: z.enum(['row.unreadable', 'row.no-identifier', 'device.not-found', 'device.ambiguous']),
  })
  .meta({ id: 'BadRow' });
export type BadRow = z.infer<typeof badRowSchema>;

/** `repeated`: rows that named a device which an earlier row had named. `badRows` shows the first ones; `bad` counts all. */
export const importedListSchema = deviceListSchema
  .extend({ rows: z.int(), repeated: z.int(), bad: z.int(), badRows: z.array(badRowSchema) })
  .meta({ id: 'ImportedList' });
export type ImportedList = z.infer<typeof importedListSchema>;

/** One line of an import that is told as it goes: rows looked up so far; the last has the list, or why nothing was imported. */
export const importLineSchema = z
  .union([
    z.object({ progress: z.object({ rows: z.int(), of: z.int() }) }),
    z.object({ list: importedListSchema }),
    z.object({ problem: problemSchema }),
  ])
  .meta({ id: 'ImportLine' });
export type ImportLine = z.infer<typeof importLineSchema>;
