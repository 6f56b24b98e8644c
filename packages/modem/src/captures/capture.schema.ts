import * as z from 'zod';

/** What a modem answered, as data: fit to be replayed to a driver. */
export const captureSchema = z.strictObject({
  /** Kebab-case, equal to the file's name. */
  id: z.string().regex(/^[a-z0-9-]+$/),
  modem: z.string().min(1),
  /** `capture`: the lines came from a real modem, identifiers masked. `composed`: written from manuals and notes. */
  kind: z.enum(['capture', 'composed']),
  source: z.string().min(1),
  exchanges: z
    .array(z.strictObject({ send: z.string().regex(/^AT/), receive: z.array(z.string()).min(1) }))
    .min(1),
});

export type Capture = z.infer<typeof captureSchema>;
