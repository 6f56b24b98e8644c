import * as z from 'zod';

/** What a process of gateways is told. */
export const fleetOrderSchema = z.object({
  /** `scripted`: applies at once what it is told. `agents`: the real agent on a simulated modem. */
  kind: z.enum(['scripted', 'agents']),
  /** Of the broker. */
  port: z.number(),
  devices: z.array(z.string()),
});
export type FleetOrder = z.infer<typeof fleetOrderSchema>;

/** What it tells: `ready` once all are up and their hellos answered, then `counts` when asked. */
export const fleetWordSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({
    kind: z.literal('counts'),
    /** Targets, each counted once, that came since they were counted last. */
    targets: z.number(),
    /** Those that came once more. */
    copies: z.number(),
    /** Of the targets, the ones whose device said that it applied it, and was told that this is committed. */
    applied: z.number(),
    /** The most that were on their way between the two, by the fleet's own clock. */
    mostChanging: z.number(),
  }),
]);
export type FleetWord = z.infer<typeof fleetWordSchema>;
