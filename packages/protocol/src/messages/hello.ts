import * as z from 'zod/mini';
import { targetVersionSchema } from '../documents/target.ts';
import { streamEpochSchema } from './report.ts';

/** Connection number of a device: grows with each connect, so that a late last will is told from a fresh session. */
export const connectionNumberSchema = z.int().check(z.minimum(1));

/** What the device holds; the control plane sends what it lacks. */
export const heldVersionsSchema = z.object({ target: z.nullable(targetVersionSchema) });

/** The first message after each connect. It is answered by `ack` with the same nonce, and by whatever the device lacks. */
export const helloSchema = z.object({
  protocol: z.literal(1),
  agent: z.string().check(z.maxLength(40)),
  /** Changes with each boot of the gateway. */
  boot: z.string().check(z.minLength(1), z.maxLength(40)),
  connection: connectionNumberSchema,
  nonce: z.string().check(z.minLength(8), z.maxLength(32)),
  held: heldVersionsSchema,
  /** Where the report stream stands: the last sequence given out, 0 before the first. */
  stream: z.object({ epoch: streamEpochSchema, sequence: z.int().check(z.minimum(0)) }),
  /** Tells clones under one identity apart; never a credential. */
  fingerprint: z.object({
    boardSerial: z.nullable(z.string().check(z.maxLength(64))),
    imeis: z.array(z.string().check(z.maxLength(17))).check(z.maxLength(8)),
  }),
});
export type Hello = z.infer<typeof helloSchema>;
