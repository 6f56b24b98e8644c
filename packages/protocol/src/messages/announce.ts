import * as z from 'zod/mini';
import { targetVersionSchema } from '../documents/target.ts';
import { bearerSchema } from './state.ts';
import { transactionIdSchema } from './transaction.ts';

/**
 * The device has changed what it dials with, has read back that it holds, and asks for the confirm that ends the change well. It travels
 * on the session of changes, `<device>~change`, over the changed bearer. Sent again until it is confirmed; twice changes nothing.
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
