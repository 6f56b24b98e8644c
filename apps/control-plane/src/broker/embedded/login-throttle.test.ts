import { manualClock } from '@towline/kit';
import { expect, test } from 'vitest';
import { LoginThrottle } from './login-throttle.ts';

const [here, there] = ['192.0.2.1', '192.0.2.2'];

test('a device that failed ten times is not looked up again for a minute, and others behind its address are', async () => {
  const clock = manualClock();
  const throttle = new LoginThrottle(clock);
  for (let count = 0; count < 10; count += 1) {
    expect(throttle.isShut(here, '0123456789')).toBe(false);
    throttle.failed(here, '0123456789');
  }
  expect(throttle.isShut(here, '0123456789')).toBe(true);
  expect(throttle.isShut(here, '9876543210')).toBe(false);
  // Elsewhere it may be the device itself, while somebody else only uses its name.
  expect(throttle.isShut(there, '0123456789')).toBe(false);
  await clock.advance(60_000);
  expect(throttle.isShut(here, '0123456789')).toBe(false);
});

test('an address from which ever other devices fail is shut to none of them, and all wait there for the same turn', async () => {
  const clock = manualClock();
  const throttle = new LoginThrottle(clock);
  for (let count = 0; count < 600; count += 1) throttle.failed(here, String(count).padStart(10, '0'));
  expect(throttle.isShut(here, '9876543210')).toBe(false);
  const first = throttle.waitMs(here);
  expect(first).toBeGreaterThan(0);
  await clock.advance(100);
  expect(throttle.waitMs(here)).toBe(first - 100);
  expect(throttle.waitMs(there)).toBe(0);
  await clock.advance(60_000);
  expect(throttle.waitMs(here)).toBe(0);
});
