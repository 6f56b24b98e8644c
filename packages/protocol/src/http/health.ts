import * as z from 'zod';

export const livenessSchema = z.object({ status: z.literal('up') }).meta({ id: 'Liveness' });

/** 200 when all checks are up, else 503 with the same body. */
export const readinessSchema = z
  .object({
    status: z.enum(['up', 'down']),
    checks: z.array(z.object({ name: z.string(), status: z.enum(['up', 'down']), reason: z.string().nullable() })),
  })
  .meta({ id: 'Readiness' });
export type Readiness = z.infer<typeof readinessSchema>;
