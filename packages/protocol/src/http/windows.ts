import * as z from 'zod';
import { deviceIdSchema } from '../scalars.ts';
import { momentSchema, timeSchema } from './page.ts';
import { effectiveZoneSchema, zoneSchema } from './zones.ts';

export const weekdaySchema = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type Weekday = z.infer<typeof weekdaySchema>;

const clockTime = /^([01]\d|2[0-3]):[0-5]\d$/;

/**
 * Open while the device's own clock shows `from` or later and not yet `to`, on days that begin on one of `days`. A `to` before `from`
 * is that of the next day. Where clocks are put forward it is shorter by what they skip, or left out; put back, longer, or open twice.
 */
export const windowSchema = z
  .strictObject({
    days: z
      .array(weekdaySchema)
      .min(1)
      .max(7)
      .overwrite((days) => weekdaySchema.options.filter((day) => days.includes(day))),
    from: z.string().regex(clockTime, 'must be a time of day such as 02:30'),
    to: z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time of day such as 04:30, or 24:00'),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'is the same as from: a whole day is 00:00 to 24:00' })
  .meta({ id: 'Window' });
export type Window = z.infer<typeof windowSchema>;

/** `at` is one moment for all; `local` is when each device's own clock shows it (or, where clocks skip it, something later). */
export const scheduleStartSchema = z.union([
  z.strictObject({ at: momentSchema }),
  z.strictObject({ local: z.iso.datetime({ local: true, precision: -1 }).refine((text) => !text.endsWith('Z'), 'must be without Z') }),
]);
export type ScheduleStart = z.infer<typeof scheduleStartSchema>;

/** When changes may be opened: from `start` on, inside `windows`; no windows are no bound. */
export const scheduleSchema = z
  .strictObject({ start: scheduleStartSchema.optional(), windows: z.array(windowSchema).max(20).default([]) })
  .meta({ id: 'Schedule' });
export type Schedule = z.infer<typeof scheduleSchema>;

/** What a schedule means for one device, or in one zone; `needS`: seconds that a change and its way back may take. */
export const previewWindowsSchema = z
  .strictObject({
    schedule: scheduleSchema,
    device: z.optional(deviceIdSchema),
    zone: zoneSchema.optional(),
    needS: z.int().min(0).max(86_400).default(0),
  })
  .refine((asked) => (asked.device === undefined) !== (asked.zone === undefined), { path: ['zone'], message: 'give either device or zone' })
  .meta({ id: 'PreviewWindows' });
export type PreviewWindows = z.infer<typeof previewWindowsSchema>;

export const openingReasonSchema = z.enum(['open', 'not-started', 'outside', 'too-little-left', 'never-long-enough']);

export const windowsPreviewSchema = z
  .object({
    /** `request`: it was asked for. */
    zone: effectiveZoneSchema.extend({ from: z.enum([...effectiveZoneSchema.shape.from.options, 'request']) }),
    now: timeSchema,
    open: z.boolean(),
    /** Until when it is open; null: for good, or it is not open. */
    until: timeSchema.nullable(),
    /** When it opens next for long enough; null: it is open, or no window is ever long enough. */
    next: timeSchema.nullable(),
    reason: openingReasonSchema,
    /** The openings to come, long enough or not; at most 10. */
    openings: z.array(z.object({ from: timeSchema, until: timeSchema, longEnough: z.boolean() })),
  })
  .meta({ id: 'WindowsPreview' });
export type WindowsPreview = z.infer<typeof windowsPreviewSchema>;
