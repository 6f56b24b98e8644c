import * as z from 'zod/mini';
import { transactionIdSchema } from './announce.ts';

/** The control plane's answer to an announce of the target that is current: the device may keep what it changed to. */
export const confirmSchema = z.object({
  transaction: transactionIdSchema,
  nonce: z.string().check(z.minLength(8), z.maxLength(32)),
  digest: z.string().check(z.maxLength(64)),
});
export type Confirm = z.infer<typeof confirmSchema>;
