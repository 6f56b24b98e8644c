import * as z from 'zod/mini';
import { deviceTimeSchema } from '../scalars.ts';

/** Random name of one report stream: a device starts a new one when it lost count (new flash, wiped state). */
export const streamEpochSchema = z.string().check(z.regex(/^[0-9a-z]{8}$/));

/**
 * What every report carries, so that nothing is lost or counted twice whatever the broker forgets.
 * `sequence` grows by one a report. Below `base` the device holds nothing any more: it was acknowledged, or dropped
 * and said so in an event. `sentAt` is the device's clock at the moment of sending, to tell its skew.
 */
export const reportEnvelope = {
  epoch: streamEpochSchema,
  sequence: z.int().check(z.minimum(1)),
  base: z.int().check(z.minimum(1)),
  sentAt: deviceTimeSchema,
};
export const reportEnvelopeSchema = z.object(reportEnvelope);
export type ReportEnvelope = z.infer<typeof reportEnvelopeSchema>;
