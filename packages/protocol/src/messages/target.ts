import * as z from 'zod/mini';
import { targetDocumentSchema, targetVersionSchema } from '../documents/target.ts';

/** The desired document of the device. A version not later than the one held changes nothing. */
export const targetDownSchema = z.object({
  version: targetVersionSchema,
  /** SHA-256 of the document's canonical JSON, hexadecimal. */
  digest: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  document: targetDocumentSchema,
});
export type TargetDown = z.infer<typeof targetDownSchema>;
