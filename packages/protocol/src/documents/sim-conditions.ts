import * as z from 'zod/mini';
import { plmnSchema } from '../scalars.ts';

const prefixes = z.array(z.string().check(z.regex(/^\d{1,20}$/, 'must be 1 to 20 digits'))).check(z.minLength(1), z.maxLength(50));

const texts = (max: number) => z.array(z.string().check(z.minLength(1), z.maxLength(max))).check(z.minLength(1), z.maxLength(50));

/**
 * Conditions that the device itself evaluates, so that it resolves its profile again after a SIM swap.
 * All that are present must hold; a list holds when any of its members does.
 */
export const simConditionsSchema = z.object({
  /** MCC-MNC of the SIM, not of the network it is on. */
  homePlmn: z.optional(z.array(plmnSchema).check(z.minLength(1), z.maxLength(50))),
  iccidPrefix: z.optional(prefixes),
  imsiPrefix: z.optional(prefixes),
  /** Octets that EF_GID1 of the SIM begins with, hexadecimal in capitals: it tells the brands of one operator apart (TS 31.102 clause 4.2.10). */
  gid1Prefix: z.optional(
    z
      .array(z.string().check(z.regex(/^([0-9A-F]{2}){1,20}$/, 'must be 1 to 20 octets, hexadecimal in capitals')))
      .check(z.minLength(1), z.maxLength(50)),
  ),
  /** Whether the SIM roams, once that has lasted as long as the target says. */
  roaming: z.optional(z.boolean()),
  /** Model ids of packages/modem, such as `ec200a`. */
  model: z.optional(texts(40)),
  /** What the modem's firmware revision begins with, as it says it itself. */
  firmwarePrefix: z.optional(texts(80)),
});
export type SimConditions = z.infer<typeof simConditionsSchema>;

/** What the conditions are asked of: one modem with the card in it. Null where it is not known (yet). */
export interface SimSubject {
  readonly homePlmn: string | null;
  readonly iccid: string | null;
  readonly imsi: string | null;
  /** Hexadecimal in capitals, without the FF that fills it; null where the SIM has none. */
  readonly gid1: string | null;
  readonly roaming: boolean | null;
  readonly model: string | null;
  readonly firmware: string | null;
}

/** As a device gets them: a condition that is newer than the device stays in, so that its rule does not pass for one without it. */
export const heldConditionsSchema: z.ZodMiniType<SimConditions> = z.looseObject(simConditionsSchema.shape);

const isOneOf = (values: readonly string[] | undefined, value: string | null) => !values || (value !== null && values.includes(value));
const beginsWith = (prefixes: readonly string[] | undefined, value: string | null) =>
  !prefixes || (value !== null && prefixes.some((prefix) => value.startsWith(prefix)));

const holds: Readonly<Record<keyof SimConditions, (wanted: SimConditions, subject: SimSubject) => boolean>> = {
  homePlmn: (wanted, { homePlmn }) => isOneOf(wanted.homePlmn, homePlmn),
  iccidPrefix: (wanted, { iccid }) => beginsWith(wanted.iccidPrefix, iccid),
  imsiPrefix: (wanted, { imsi }) => beginsWith(wanted.imsiPrefix, imsi),
  gid1Prefix: (wanted, { gid1 }) => beginsWith(wanted.gid1Prefix, gid1),
  roaming: (wanted, { roaming }) => wanted.roaming === undefined || wanted.roaming === roaming,
  model: (wanted, { model }) => isOneOf(wanted.model, model),
  firmwarePrefix: (wanted, { firmware }) => beginsWith(wanted.firmwarePrefix, firmware),
};

const isKnown = (name: string): name is keyof SimConditions => Object.hasOwn(holds, name);

/**
 * The conditions that do not hold, by name; empty when all hold. The unknown never matches, be it of the subject or a condition. Most rules have
 * none or one, and each look at a modem asks many times.
 */
export function failedConditions(conditions: SimConditions, subject: SimSubject): string[] {
  return Object.keys(conditions).filter((name) => !isKnown(name) || !holds[name](conditions, subject));
}
