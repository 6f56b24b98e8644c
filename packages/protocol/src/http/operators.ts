import * as z from 'zod';
import { nameSchema, pageSchema, timeSchema } from './page.ts';

export const roleSchema = z.enum(['viewer', 'operator', 'admin']);
export type Role = z.infer<typeof roleSchema>;

/** The closed list of what an operator may be allowed to do. */
export const actionSchema = z.enum([
  'fleet.read',
  'fleet.write',
  'policy.write',
  'target.assign',
  'rollout.drive',
  'rollout.approve',
  'job.order',
  'hold.override',
  'audit.read',
  'webhook.write',
  'job.allow',
  'operator.write',
]);
export type Action = z.infer<typeof actionSchema>;

export const operatorSchema = z
  .object({ id: z.uuid(), name: z.string(), role: roleSchema, createdAt: timeSchema, disabledAt: timeSchema.nullable() })
  .meta({ id: 'Operator' });
export type Operator = z.infer<typeof operatorSchema>;
export const operatorPageSchema = pageSchema(operatorSchema, 'OperatorPage');

export const createOperatorSchema = z.strictObject({ name: nameSchema, role: roleSchema }).meta({ id: 'CreateOperator' });
export type CreateOperator = z.infer<typeof createOperatorSchema>;

export const tokenSchema = z
  .object({
    id: z.uuid(),
    operator: z.uuid(),
    label: z.string(),
    createdAt: timeSchema,
    expiresAt: timeSchema.nullable(),
    revokedAt: timeSchema.nullable(),
  })
  .meta({ id: 'Token' });
export type Token = z.infer<typeof tokenSchema>;
export const tokenPageSchema = pageSchema(tokenSchema, 'TokenPage');

export const createTokenSchema = z
  .strictObject({ label: nameSchema, expiresInS: z.int().min(60).max(31_536_000).optional() })
  .meta({ id: 'CreateToken' });
export type CreateToken = z.infer<typeof createTokenSchema>;

/** `secret` is shown this once. */
export const createdTokenSchema = tokenSchema.extend({ secret: z.string() }).meta({ id: 'CreatedToken' });
export type CreatedToken = z.infer<typeof createdTokenSchema>;

/** Who the bearer of the token is, and what that allows. */
export const whoamiSchema = z
  .object({ tenant: z.string(), id: z.uuid(), name: z.string(), role: roleSchema, actions: z.array(actionSchema) })
  .meta({ id: 'Whoami' });
export type Whoami = z.infer<typeof whoamiSchema>;
