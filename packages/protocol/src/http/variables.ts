import * as z from 'zod';
import { ruleLevelSchema } from '../documents/target.ts';
import { deviceIdSchema } from '../scalars.ts';

export const maxVariables = 50;

export const variableNameSchema = z
  .string()
  .regex(/^[a-z][A-Za-z0-9_]{0,39}$/, 'must begin with a lower-case letter and have at most 40 letters, digits or _');
/** No secret: it is shown as it is. */
export const variableValueSchema = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[\x20\x21\x23-\x7e]*$/, 'must be printable ASCII without double quotes');

/** Values by name. */
export const variablesSchema = z
  .record(variableNameSchema, variableValueSchema)
  .refine((values) => Object.keys(values).length <= maxVariables, { message: `at most ${maxVariables} variables` });
export type Variables = z.infer<typeof variablesSchema>;

interface Placed {
  readonly level: z.infer<typeof ruleLevelSchema>;
  readonly subject?: string | undefined;
}

/** A device, group or site id, as the level says; the fleet has none. */
const fits = ({ level, subject }: Placed): boolean => {
  if (level === 'fleet') return subject === undefined;
  return (level === 'device' ? deviceIdSchema : z.uuid()).safeParse(subject).success;
};
const misfit = { path: ['subject'], message: 'give the id of the device, group or site; the fleet has none' };

export const variablesQuerySchema = z.strictObject({ level: ruleLevelSchema, subject: z.string().optional() }).refine(fits, misfit);
export type VariablesQuery = z.infer<typeof variablesQuerySchema>;

/** Null takes a value away; what is not named stays. No link moves: values count at the next assignment or rollout. */
export const setVariablesSchema = z
  .strictObject({
    level: ruleLevelSchema,
    subject: z.string().optional(),
    values: z.record(variableNameSchema, variableValueSchema.nullable()),
  })
  .refine(fits, misfit)
  .meta({ id: 'SetVariables' });
export type SetVariables = z.infer<typeof setVariablesSchema>;

export const levelVariablesSchema = z
  .object({ level: ruleLevelSchema, subject: z.string().nullable(), values: variablesSchema })
  .meta({ id: 'LevelVariables' });
export type LevelVariables = z.infer<typeof levelVariablesSchema>;
