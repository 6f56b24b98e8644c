import { Fault } from '@towline/kit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { refusal } from '../refusal.ts';
import { problemOf } from './problem.ts';
import { ValidationPipe } from './validation.ts';

it('tells a refusal as it was worded', () => {
  const errors = [{ path: 'rules[0].profile', message: 'no such profile version' }];
  expect(problemOf(refusal('request.invalid', 'nothing was stored', errors))).toEqual({
    type: 'urn:towline:problem:request.invalid',
    title: 'The request is not valid',
    status: 422,
    detail: 'nothing was stored',
    code: 'request.invalid',
    errors,
  });
});

it('lets no text out that was not written for callers', () => {
  const secret = 'hunter22';
  const thrown = fc.oneof(
    fc.constant(new Error(`password ${secret}`)),
    fc.constant(new Fault('sealer.refused', `cannot open ${secret}`)),
    fc.constant(Object.assign(new Error(secret), { status: 418 })),
    fc.constant({ message: secret, statusCode: 400 }),
    fc.constant(secret),
    fc.constantFrom('ECONNREFUSED', '40P01', 'P2034', '23505').map((code) => Object.assign(new Error(secret), { code })),
  );
  fc.assert(
    fc.property(thrown, (error) => {
      expect(JSON.stringify(problemOf(error))).not.toContain(secret);
    }),
  );
});

it.each([
  [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 503],
  [new Error('wrapped', { cause: Object.assign(new Error('x'), { code: '57P01' }) }), 503],
  [Object.assign(new Error('deadlock detected'), { code: '40P01' }), 503],
  [new Error('Connection terminated unexpectedly'), 503],
  [new Error('anything else'), 500],
])('answers %s with %i', (error, status) => {
  expect(problemOf(error).status).toBe(status);
});

it('names each field that it does not know by its path', async () => {
  const schema = z.strictObject({ rules: z.array(z.strictObject({ name: z.string() })) });
  const refused = new ValidationPipe().transform({ rules: [{ name: 'a', nmae: 'b', prio: 1 }] }, { type: 'body', schema });
  const problem = problemOf(await refused.catch((error: unknown) => error));
  const message = 'there is no such field: leave it out';
  expect(problem.errors).toEqual(['rules[0].nmae', 'rules[0].prio'].map((path) => ({ path, message })));
});

it('takes a body that was left out as an empty one, and names what it lacks', async () => {
  const schema = z.strictObject({ name: z.string(), note: z.string().optional() });
  const refused = new ValidationPipe().transform(undefined, { type: 'body', schema });
  const problem = problemOf(await refused.catch((error: unknown) => error));
  expect(problem.errors).toEqual([{ path: 'name', message: 'is missing: give a text' }]);
});
