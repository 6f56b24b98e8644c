import * as z from 'zod/mini';
import { plmnSchema } from '../scalars.ts';

const prefixes = z.array(z.string().check(z.regex(/^\d{1,20}$/, 'must be 1 to 20 digits'))).check(z.minLength(1), z.maxLength(50));

/**
 * Conditions that the device itself evaluates, so that it resolves its profile again after a SIM swap.
 * All that are present must hold; a list holds when any of its members does.
 */
export const simConditionsSchema = z.object({
  /** MCC-MNC of the SIM, not of the network it is on. */
  homePlmn: z.optional(z.array(plmnSchema).check(z.minLength(1), z.maxLength(50))),
  iccidPrefix: z.optional(prefixes),
  imsiPrefix: z.optional(prefixes),
  roaming: z.optional(z.boolean()),
  /** Model ids of packages/modem, such as `ec200a`. */
  model: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(40))).check(z.minLength(1), z.maxLength(50))),
});
export type SimConditions = z.infer<typeof simConditionsSchema>;

/** What the conditions are asked of: one modem with the card in it. Null where it is not known (yet). */
export interface SimSubject {
  readonly homePlmn: string | null;
  readonly iccid: string | null;
  readonly imsi: string | null;
  readonly roaming: boolean | null;
  readonly model: string | null;
}

/** The conditions that do not hold, by name; empty when all hold. The unknown never matches. */
export function failedConditions(conditions: SimConditions, subject: SimSubject): string[] {
  const { homePlmn, iccid, imsi, roaming, model } = subject;
  const holds: Record<keyof SimConditions, boolean> = {
    homePlmn: !conditions.homePlmn || (homePlmn !== null && conditions.homePlmn.includes(homePlmn)),
    iccidPrefix: !conditions.iccidPrefix || (iccid !== null && conditions.iccidPrefix.some((prefix) => iccid.startsWith(prefix))),
    imsiPrefix: !conditions.imsiPrefix || (imsi !== null && conditions.imsiPrefix.some((prefix) => imsi.startsWith(prefix))),
    roaming: conditions.roaming === undefined || conditions.roaming === roaming,
    model: !conditions.model || (model !== null && conditions.model.includes(model)),
  };
  return Object.entries(holds).flatMap(([name, held]) => (held ? [] : [name]));
}
