import * as z from 'zod';
import { timeSchema } from './page.ts';

const counts = z.array(z.object({ value: z.string().nullable(), count: z.int() }).meta({ id: 'FleetCount' }));

/** The fleet in numbers, at most a few seconds old; `null` counts the devices without a value. */
export const fleetSummarySchema = z
  .object({
    at: timeSchema,
    devices: z.int(),
    online: z.int(),
    byState: counts,
    byModel: counts,
    byFault: counts,
    byTargetStatus: counts,
    /** Devices that settled on something else than their target; by what differs, and by `<policy id>@<version>`. */
    drifting: z.int(),
    byDrift: counts,
    byDriftingPolicy: counts,
  })
  .meta({ id: 'FleetSummary' });
export type FleetSummary = z.infer<typeof fleetSummarySchema>;
