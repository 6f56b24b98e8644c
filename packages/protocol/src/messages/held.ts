import * as z from 'zod/mini';
import { targetVersionSchema } from '../documents/target.ts';

/** The device has this target and is about to bring it about, which may cut it off: from here on its silence says something. */
export const heldSchema = z.object({
  version: targetVersionSchema,
  digest: z.string().check(z.maxLength(64)),
});
export type Held = z.infer<typeof heldSchema>;
