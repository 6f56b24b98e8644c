import * as z from 'zod';

/** What the fleet's process is told. */
export const fleetOrderSchema = z.object({ port: z.number(), devices: z.array(z.string()) });
export type FleetOrder = z.infer<typeof fleetOrderSchema>;

/** What it tells: `ready` once all have said hello, then `counts` when asked. */
export const fleetWordSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({
    kind: z.literal('counts'),
    /** Targets that came; more than devices would be some that came twice. */
    targets: z.number(),
    /** Devices that said that they applied one. */
    applied: z.number(),
    /** The most that held a target and had not said yet that they applied it, by the fleet's own clock. */
    mostChanging: z.number(),
  }),
]);
export type FleetWord = z.infer<typeof fleetWordSchema>;
