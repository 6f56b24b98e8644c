import * as z from 'zod/mini';

/** Names a change of one device. */
export const transactionIdSchema = z.string().check(z.regex(/^[0-9a-z-]{8,40}$/, 'must be 8 to 40 of 0-9 a-z -'));
