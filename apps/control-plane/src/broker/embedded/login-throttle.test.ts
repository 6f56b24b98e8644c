import { manualClock } from '@towline/kit';
import { expect, test } from 'vitest';
import { LoginThrottle } from './login-throttle.ts';

const [here, there] = ['192.0.2.1', '192.0.2.2'];

const login = (device: string, source = here, secret = 'revoked') => ({ source, device, password: Buffer.from(secret) });

test('a secret that failed ten times is not looked up again for a minute, and others behind its address are', async () => {
  const clock = manualClock();
  const throttle = new LoginThrottle(clock);
  for (let count = 0; count < 10; count += 1) {
    expect(throttle.isShut(login('0123456789'))).toBe(false);
    throttle.failed(login('0123456789'));
  }
  expect(throttle.isShut(login('0123456789'))).toBe(true);
  expect(throttle.isShut(login('9876543210'))).toBe(false);
  expect(throttle.isShut(login('0123456789', there))).toBe(false);
  await clock.advance(60_000);
  expect(throttle.isShut(login('0123456789'))).toBe(false);
});

test('whoever uses the name of a device with wrong secrets does not keep the device itself out, behind the same address either', () => {
  const throttle = new LoginThrottle(manualClock());
  for (let count = 0; count < 50; count += 1) throttle.failed(login('0123456789', here, count % 2 === 0 ? 'guessed' : 'guessed again'));
  expect(throttle.isShut(login('0123456789', here, 'guessed'))).toBe(true);
  expect(throttle.isShut(login('0123456789', here, 'its own'))).toBe(false);
});

test('an address from which ever other devices fail is shut to none of them, and all wait there for the same turn', async () => {
  const clock = manualClock();
  const throttle = new LoginThrottle(clock);
  for (let count = 0; count < 600; count += 1) throttle.failed(login(String(count).padStart(10, '0')));
  expect(throttle.isShut(login('9876543210'))).toBe(false);
  const first = throttle.waitMs(here);
  expect(first).toBeGreaterThan(0);
  await clock.advance(100);
  expect(throttle.waitMs(here)).toBe(first - 100);
  expect(throttle.waitMs(there)).toBe(0);
  await clock.advance(60_000);
  expect(throttle.waitMs(here)).toBe(0);
});
