import * as z from 'zod';
import { timeSchema } from './page.ts';
import { rolloutCountsSchema, rolloutDeviceStateSchema, rolloutStateSchema, rolloutWaveSchema } from './rollouts.ts';

/** Devices of one state that stand there for the same reason. */
export const rolloutCauseSchema = z
  .object({ state: rolloutDeviceStateSchema, code: z.string(), devices: z.int() })
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
