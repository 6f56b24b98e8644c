import * as z from 'zod';

/** Every code an error response may carry: what a program looks at. */
export const problemCodeSchema = z.enum([
  'request.invalid',
  'request.malformed',
  'request.too-large',
  'request.unsupported-type',
  'filter.invalid',
  'cursor.invalid',
  'resource.not-found',
  'resource.conflict',
  'resource.in-use',
  'site.on-hold',
  'rollout.wrong-state',
  'rollout.changed',
  'rollout.second-person',
  'auth.missing',
  'auth.refused',
  'auth.forbidden',
  'throttled',
  'unavailable',
  'secrets.unreadable',
  'internal',
]);
export type ProblemCode = z.infer<typeof problemCodeSchema>;

/** Where in the request something is wrong: `rules[0].profile`. */
export const fieldErrorSchema = z.object({ path: z.string(), message: z.string() }).meta({ id: 'FieldError' });
export type FieldError = z.infer<typeof fieldErrorSchema>;

/** Every error response (RFC 9457), content type `application/problem+json`. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().optional(),
    code: problemCodeSchema,
    errors: z.array(fieldErrorSchema).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;
