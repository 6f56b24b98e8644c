import { expect, test } from 'vitest';
import { Strangers, sourceOf } from './strangers.ts';

const bounds = { connections: 4, strangers: 3, strangersPerAddress: 2 };

test('an address has a bounded number of strangers, and room again when one is proven or gone', () => {
  const strangers = new Strangers(bounds);
  const first = strangers.admit('192.0.2.1');
  const second = strangers.admit('192.0.2.1');
  expect(strangers.admit('192.0.2.1')).toBeNull();
  first?.proven();
  expect(strangers.admit('192.0.2.1')).not.toBeNull();
  second?.ended();
  expect(strangers.admit('192.0.2.1')).not.toBeNull();
});

test('strangers of many addresses together are bounded, and so are all connections', () => {
  const strangers = new Strangers(bounds);
  const admitted = [1, 2, 3].map((host) => strangers.admit(`192.0.2.${host}`));
  expect(strangers.admit('192.0.2.4')).toBeNull();
  for (const admission of admitted) admission?.proven();
  expect(strangers.admit('192.0.2.4')).not.toBeNull();
  expect(strangers.admit('192.0.2.5')).toBeNull();
});

test('a connection that is proven, and then ends twice, is counted out once', () => {
  const strangers = new Strangers({ ...bounds, connections: 1 });
  const only = strangers.admit('192.0.2.1');
  only?.proven();
  only?.ended();
  only?.ended();
  expect(strangers.admit('192.0.2.1')).not.toBeNull();
  expect(strangers.admit('192.0.2.1')).toBeNull();
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::7', '2001:db8:0:0::/64'],
  ['2001:db8:0:9::', '2001:db8:0:9::/64'],
  ['::1', '0:0:0:0::/64'],
])('the source of %s is %s', (address, source) => expect(sourceOf(address)).toBe(source));
