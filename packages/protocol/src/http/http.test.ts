import { expect, it } from 'vitest';
import { connectionProfileSchema } from '../documents/connection-profile.ts';
import { editTagsSchema } from './devices.ts';
import { createJobSchema } from './jobs.ts';
import { pageQuerySchema } from './page.ts';
import { createPolicySchema } from './policies.ts';
import { createProfileSchema } from './profiles.ts';

const profile = { apn: 'fleet.north', ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: true };
const reference = { id: '7b0cbd5c-6a3f-4f0e-9d0f-0f6a6bb8f0a1', version: 1 };
const rule = { name: 'all', level: 'fleet', profile: reference };
const paths = (result: { success: boolean; error?: { issues: { path: PropertyKey[] }[] } }) =>
  result.error?.issues.map((issue) => issue.path.join('.')) ?? [];

it.each(['a"b', 'a\rb', 'a\u0000b', 'a'.repeat(101), '', '-a', 'a..b', 'ä'])('refuses the APN %j and says where', (apn) => {
  expect(paths(createProfileSchema.safeParse({ name: 'x', profile: { ...profile, apn } }))).toContain('profile.apn');
});

it('takes a profile that the device takes too', () => {
  const parsed = createProfileSchema.parse({ name: ' north ', profile });
  expect(parsed.name).toBe('north');
  expect(connectionProfileSchema.safeParse(parsed.profile).success).toBe(true);
});

it('refuses a member it does not know', () => {
  expect(createProfileSchema.safeParse({ name: 'x', profile: { ...profile, apm: 'x' } }).success).toBe(false);
  expect(createProfileSchema.safeParse({ name: 'x', profile, extra: 1 }).success).toBe(false);
});

it('wants a username for PAP and none without authentication', () => {
  expect(paths(createProfileSchema.safeParse({ name: 'x', profile: { ...profile, auth: 'pap' } }))).toEqual(['profile.username']);
  expect(paths(createProfileSchema.safeParse({ name: 'x', profile: { ...profile, password: 'p' } }))).toEqual(['profile.password']);
});

it('lets a PIN go to one card only', () => {
  const parse = (change: object) => createPolicySchema.safeParse({ name: 'p', rules: [{ ...rule, pin: '1234', ...change }] });
  expect(paths(parse({}))).toEqual(['rules.0.pin']);
  expect(paths(parse({ when: { iccidPrefix: ['8949'] } }))).toEqual(['rules.0.pin']);
  expect(parse({ when: { iccidPrefix: ['8949020000000000001'] } }).success).toBe(true);
  expect(parse({ level: 'device', subject: '0123456789' }).success).toBe(true);
});

it('wants a subject that fits the level', () => {
  const parse = (change: object) => createPolicySchema.safeParse({ name: 'p', rules: [{ ...rule, ...change }] });
  expect(paths(parse({ subject: '0123456789' }))).toEqual(['rules.0.subject']);
  expect(paths(parse({ level: 'device' }))).toEqual(['rules.0.subject']);
  expect(paths(parse({ level: 'device', subject: reference.id }))).toEqual(['rules.0.subject']);
  expect(paths(parse({ level: 'site', subject: '0123456789' }))).toEqual(['rules.0.subject']);
});

it('refuses an order with a member the device does not know', () => {
  const device = '0123456789';
  expect(createJobSchema.safeParse({ device, order: { kind: 'dial', speed: 1 } }).success).toBe(false);
  expect(createJobSchema.parse({ device, order: { kind: 'hang-up', redialAfterS: 5 } }).ttlS).toBe(600);
});

it('wants either devices or a filter for a bulk edit', () => {
  expect(editTagsSchema.safeParse({ add: ['a'] }).success).toBe(false);
  expect(editTagsSchema.safeParse({ add: ['a'], filter: 'online==true', devices: ['0123456789'] }).success).toBe(false);
  expect(editTagsSchema.parse({ add: ['a'], filter: 'online==true' }).remove).toEqual([]);
});

it('bounds a page', () => {
  expect(pageQuerySchema.parse({}).limit).toBe(50);
  expect(pageQuerySchema.safeParse({ limit: '501' }).success).toBe(false);
});
