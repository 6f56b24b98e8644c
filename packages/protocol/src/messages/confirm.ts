import * as z from 'zod/mini';
import { transactionIdSchema } from './transaction.ts';

/**
 * The control plane's answer to an announce of the target that is current, with a bearer that fits it: the device may keep what it changed
 * to. There is no other answer: who announces a target that has been replaced gets the one that holds, everybody else asks again.
 */
export const confirmSchema = z.object({
  transaction: transactionIdSchema,
  nonce: z.string().check(z.minLength(8), z.maxLength(32)),
  digest: z.string().check(z.maxLength(64)),
});
export type Confirm = z.infer<typeof confirmSchema>;
