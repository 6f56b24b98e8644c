import * as z from 'zod';

/** What the load process is told. */
export const loadOrderSchema = z.object({
  port: z.number(),
  devices: z.array(z.object({ tenant: z.string(), id: z.string(), secret: z.string() })),
  /** Name of the report streams; a fresh one for each load, as their sequences begin at 1. */
  epoch: z.string(),
  /** Reports each device keeps on their way. */
  window: z.number(),
  /** What counts as the answer to a report: the broker's PUBACK, or the control plane's end-to-end ack. */
  answer: z.enum(['puback', 'ack']),
  warmUpMs: z.number(),
  measureMs: z.number(),
});
export type LoadOrder = z.infer<typeof loadOrderSchema>;

export const loadResultSchema = z.object({
  perSecond: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  /** Reports answered since the start, the warm-up with them. */
  answered: z.number(),
  /** Processor time of the load itself, microseconds each. */
  loadCpuUs: z.number(),
});
export type LoadResult = z.infer<typeof loadResultSchema>;
