import { createHash } from 'node:crypto';
import { type ManualClock, manualClock } from '@towline/kit';
import { beforeEach, expect, test } from 'vitest';
import { Credentials } from './credentials.ts';

const device = '0123456789';
const secret = Buffer.from('of the device');
const stored = { tenant: 'main', device, hash: createHash('sha256').update(secret).digest() };

let clock: ManualClock;
let asked: (readonly string[])[];
let table: (typeof stored)[] | 'away';
let credentials: Credentials;
beforeEach(() => {
  clock = manualClock();
  asked = [];
  table = [stored];
  credentials = new Credentials(async (devices) => {
    asked.push(devices);
    if (table === 'away') throw new Error('away');
    return table.filter((row) => devices.includes(row.device));
  }, clock);
});

async function prove(id = device, by: Uint8Array = secret) {
  const answer = credentials.prove(id, by).catch(() => 'unknown');
  await clock.advance(10);
  return answer;
}

test('a device is who its secret says, and nobody with another', async () => {
  expect(await prove()).toEqual({ tenant: 'main', device });
  expect(await prove(device, Buffer.from('guessed'))).toBeNull();
  expect(await prove('9876543210')).toBeNull();
});

test('a whole fleet that comes at once is asked for in one query', async () => {
  const answers = Promise.all(['a', 'b', 'c', 'c'].map((id) => credentials.prove(id, secret)));
  await clock.advance(10);
  await answers;
  expect(asked).toEqual([['a', 'b', 'c']]);
});

test('what was proven is trusted for a while, then asked again, and at once when it may have changed', async () => {
  await prove();
  await prove();
  expect(asked).toHaveLength(1);
  await clock.advance(31_000);
  await prove();
  expect(asked).toHaveLength(2);
  credentials.forget(device);
  table = [];
  expect(await prove()).toBeNull();
});

test('while the database is away, who was proven before gets in and nobody else is refused for good', async () => {
  await prove();
  await clock.advance(3_600_000);
  table = 'away';
  expect(await prove()).toEqual({ tenant: 'main', device });
  expect(await prove('9876543210')).toBe('unknown');
});

test('revoked ones are told from those that stand', async () => {
  expect(await credentials.revokedOf([device, '9876543210'])).toEqual(['9876543210']);
});
