import * as z from 'zod';
import { targetVersionSchema } from '../documents/target.ts';
import { deviceIdsSchema } from './devices.ts';
import { versionRefSchema } from './page.ts';

/** The one act that changes targets. Sent twice it changes nothing more: what is unchanged stays. */
export const createAssignmentSchema = z
  .strictObject({ policy: versionRefSchema, devices: deviceIdsSchema, note: z.string().max(200).optional() })
  .meta({ id: 'CreateAssignment' });
export type CreateAssignment = z.infer<typeof createAssignmentSchema>;

export const assignmentRefusalSchema = z.enum([
  'device.not-found',
  'site.on-hold',
  'target.no-rule',
  'target.too-many-rules',
  'target.too-large',
  'target.variable-unknown',
  'target.variable-invalid',
]);
export type AssignmentRefusal = z.infer<typeof assignmentRefusalSchema>;

export const assignmentOutcomeSchema = z
  .discriminatedUnion('outcome', [
    z.object({ device: z.string(), outcome: z.literal('assigned'), version: targetVersionSchema }),
    z.object({ device: z.string(), outcome: z.literal('unchanged'), version: targetVersionSchema }),
    z.object({ device: z.string(), outcome: z.literal('refused'), code: assignmentRefusalSchema }),
  ])
  .meta({ id: 'AssignmentOutcome' });
export type AssignmentOutcome = z.infer<typeof assignmentOutcomeSchema>;

export const assignmentSchema = z
  .object({ policy: versionRefSchema, assigned: z.int(), unchanged: z.int(), refused: z.int(), devices: z.array(assignmentOutcomeSchema) })
  .meta({ id: 'Assignment' });
export type Assignment = z.infer<typeof assignmentSchema>;
