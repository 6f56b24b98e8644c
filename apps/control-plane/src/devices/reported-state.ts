import { modemStateSchema } from '@towline/protocol';
import * as z from 'zod';

const reportedSchema = z.object({ uptimeS: z.int(), uplinks: z.array(z.string()).optional(), modems: z.array(modemStateSchema) });

/** What the device last said of itself; null before it did, or when what is kept is of a shape that is no longer known. */
export function readReportedState(json: unknown): z.infer<typeof reportedSchema> | null {
  const parsed = reportedSchema.safeParse(json);
  return parsed.success ? parsed.data : null;
}
