import * as z from 'zod/mini';
import { codeSchema } from '../scalars.ts';
import { streamEpochSchema } from './report.ts';

/**
 * End-to-end acknowledgement: everything of this stream up to and including `through` is committed (or quarantined, which
 * `faults` tells). Only now may the device forget it. `nonce` repeats the hello's when this answers one.
 */
export const ackSchema = z.object({
  epoch: streamEpochSchema,
  through: z.int().check(z.minimum(0)),
  nonce: z.optional(z.string().check(z.maxLength(32))),
  /** In answer to a hello: this control plane confirms changes, so devices may make theirs depend on it. */
  confirms: z.optional(z.boolean()),
  faults: z.optional(
    z
      .array(z.object({ sequence: z.nullable(z.int()), code: codeSchema, reason: z.string().check(z.maxLength(200)) }))
      .check(z.maxLength(20)),
  ),
});
export type Ack = z.infer<typeof ackSchema>;
