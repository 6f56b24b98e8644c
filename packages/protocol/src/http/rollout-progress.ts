import * as z from 'zod';
import { timeSchema } from './page.ts';
import { rolloutCountsSchema, rolloutDeviceStateSchema, rolloutStateSchema, rolloutWaveSchema } from './rollouts.ts';
import { openingReasonSchema } from './windows.ts';

/** Devices of one state that stand there for the same reason. */
export const rolloutCauseSchema = z
  .object({
    state: rolloutDeviceStateSchema,
    code: z.string(),
    devices: z.int(),
    /** Path of the list of these devices. */
    link: z.string(),
  })
  .meta({ id: 'RolloutCause' });
export type RolloutCause = z.infer<typeof rolloutCauseSchema>;

/** Where a rollout stands as a whole: data of the server-sent event `progress`. Each is complete, so none that was missed is missing. */
export const rolloutProgressSchema = z
  .object({
    rollout: z.uuid(),
    state: rolloutStateSchema,
    /** Why it stands where it stands, where no person says so. */
    reason: z.string().nullable(),
    /** Why nothing is opened although devices are there. */
    obstacle: z.string().nullable(),
    currentWave: z.int(),
    counts: rolloutCountsSchema,
    waves: z.array(rolloutWaveSchema),
    /** Why devices went wrong, wait or were left out: the most frequent, at most 50. */
    causes: z.array(rolloutCauseSchema),
    startedAt: timeSchema.nullable(),
    endedAt: timeSchema.nullable(),
  })
  .meta({ id: 'RolloutProgress' });
export type RolloutProgress = z.infer<typeof rolloutProgressSchema>;

/** When devices of one zone, that are still to be changed, can be. */
export const rolloutZoneSchema = z
  .object({
    zone: z.string(),
    /** Pending and waiting ones. */
    devices: z.int(),
    open: z.boolean(),
    until: timeSchema.nullable(),
    next: timeSchema.nullable(),
    reason: openingReasonSchema,
  })
  .meta({ id: 'RolloutZone' });

/** What the schedule of a rollout means now, by zone, those with most devices first. */
export const rolloutWindowsSchema = z
  .object({
    now: timeSchema,
    /** Seconds that must be left of a window. */
    needS: z.int(),
    zones: z.array(rolloutZoneSchema),
  })
  .meta({ id: 'RolloutWindows' });
export type RolloutWindows = z.infer<typeof rolloutWindowsSchema>;
