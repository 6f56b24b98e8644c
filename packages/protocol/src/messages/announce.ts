import * as z from 'zod/mini';
import { targetVersionSchema } from '../documents/target.ts';
import { bearerSchema } from './state.ts';

/** Names a change of one device; part of the client id of the session that it is announced on. */
export const transactionIdSchema = z.string().check(z.regex(/^[0-9a-z-]{8,40}$/, 'must be 8 to 40 of 0-9 a-z -'));

/**
 * The device has changed what it dials with, has read back that it holds, and asks for the confirm that ends the change well. It travels
 * on a session of its own, `<device>~<transaction>`, over the changed bearer. Sent again until it is confirmed; twice changes nothing.
 */
export const announceSchema = z.object({
  transaction: transactionIdSchema,
  /** Born on the session that it is sent on; the confirm repeats it. */
  nonce: z.string().check(z.minLength(8), z.maxLength(32)),
  /** The target that was applied. */
  version: targetVersionSchema,
  digest: z.string().check(z.maxLength(64)),
  modem: z.string().check(z.maxLength(80)),
  iccid: z.string().check(z.maxLength(22)),
  profileRef: z.string().check(z.maxLength(60)),
  /** What the read-back gave. */
  bearer: bearerSchema,
  /** Whether the session was bound to the bearer; false only where the modem gives the host no network to bind to. */
  pinned: z.boolean(),
});
export type Announce = z.infer<typeof announceSchema>;
