import * as http from '@towline/protocol/http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fieldPath, inWords } from './in-words.ts';

const saidOf = (schema: z.core.$ZodType, value: unknown): string[] =>
  (z.safeParse(schema, value, { error: inWords }).error?.issues ?? []).map(({ path, message }) => `${fieldPath(path)} ${message}`.trim());

it('writes a path as people do', () => {
  expect(fieldPath(['rules', 0, 'profile'])).toBe('rules[0].profile');
  expect(fieldPath([])).toBe('');
});

describe('what is wrong with a request is said in words', () => {
  const rollout = {
    name: 'north',
    policy: { id: '8b5d9a39-6c1f-4f0e-9c39-0f2f3f1a7f11', version: 1 },
    selection: { filter: 'site==north' },
  };
  it.each<[string, z.core.$ZodType, unknown, string[]]>([
    ['a body that is none', http.createSiteSchema, 'north', ['must be an object, and is a text']],
    ['a field that is missing', http.createSiteSchema, {}, ['name is missing: give a text']],
    ['a field of another kind', http.createSiteSchema, { name: 7 }, ['name must be a text, and is a number']],
    ['nothing where something has to be', http.createSiteSchema, { name: null }, ['name must be a text, and is null']],
    ['an empty name', http.createSiteSchema, { name: '' }, ['name must not be empty']],
    ['a name that is too long', http.createSiteSchema, { name: 'n'.repeat(81) }, ['name must have at most 80 characters']],
    ['words of a field’s own', http.createSiteSchema, { name: 'a\u0007b' }, ['name must not contain control characters']],
    ['no devices', http.selectionSchema, { devices: [] }, ['devices must not be empty']],
    ['a number of a query that is none', http.pageQuerySchema, { limit: 'many' }, ['limit must be a number, given in digits']],
    ['half a number of a query', http.pageQuerySchema, { limit: '2.5' }, ['limit must be a whole number']],
    [
      'numbers of a query that are missing',
      http.policyDiffQuerySchema,
      {},
      ['from must be a number, given in digits', 'to must be a number, given in digits'],
    ],
    ['half a number', http.versionRefSchema.shape.version, 1.5, ['must be a whole number']],
    ['no number at all', http.versionRefSchema.shape.version, 'one', ['must be a number, and is a text']],
    ['a number that is too small', http.pageQuerySchema, { limit: '0' }, ['limit must be at least 1']],
    ['a number that is too large', http.pageQuerySchema, { limit: '501' }, ['limit must be at most 500']],
    [
      'less time than a healthy device takes',
      http.rolloutSettingsSchema,
      { timeouts: { reachS: 29 }, brake: { deliveryS: 9 } },
      ['timeouts.reachS must be at least 30', 'brake.deliveryS must be at least 10'],
    ],
    ['a percentage of nothing', http.wavesSchema, { kind: 'percents', percents: [0] }, ['percents[0] must be more than 0']],
    [
      'an id that is none',
      http.createRolloutSchema,
      { ...rollout, policy: { id: '7', version: 1 } },
      ['policy.id must be a UUID, such as 3d6f0a52-8c1e-4b7a-9f43-5e2d1c0b9a87'],
    ],
    [
      'a time that is none',
      http.createRolloutSchema,
      { ...rollout, startAt: 'tomorrow' },
      ['startAt must be a date and time, such as 2027-01-31T08:00:00Z'],
    ],
    [
      'a word that is not on the list',
      http.rolloutQuerySchema.pick({ state: true }),
      { state: 'done' },
      [
        'state must be one of "draft", "planned", "awaiting-approval", "scheduled", "running", "paused", "finished", "aborted", "reverting", "reverted"',
      ],
    ],
    ['a kind that is not on the list', http.wavesSchema, { kind: 'steps' }, ['kind must be one of "counts", "percents", "rate"']],
    ['a kind that is missing', http.wavesSchema, {}, ['kind must be one of "counts", "percents", "rate"']],
    [
      'an alternative that comes close',
      http.scheduleSchema,
      { start: { at: 'noon' } },
      ['start.at must be a date and time, such as 2027-01-31T08:00:00Z'],
    ],
    [
      'none of several alternatives',
      http.scheduleSchema,
      { start: {} },
      ['start at is missing: give a text, or local is missing: give a text'],
    ],
    ['a field that nobody knows', http.scheduleSchema, { start: { at: '2027-01-31T08:00:00Z', on: 'mon' } }, ['start has no field "on"']],
  ])('%s', (_what, schema, value, said) => {
    expect(saidOf(schema, value)).toEqual(said);
  });
});

it('whatever is sent to whatever takes it, nobody reads the words of a library', () => {
  const schemas = Object.values<unknown>(http).filter((one) => one instanceof z.core.$ZodType);
  const names = [...new Set(schemas.flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : [])))];
  const value = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...names), fc.jsonValue()));
  fc.assert(
    fc.property(fc.constantFrom(...schemas), value, (schema, sent) => {
      for (const said of saidOf(schema, sent)) expect(said).not.toMatch(/Invalid|Too (big|small)|Unrecognized|expected|undefined/);
    }),
    { numRuns: 2000 },
  );
});
