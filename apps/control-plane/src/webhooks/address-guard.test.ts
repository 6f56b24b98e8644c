import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseNetwork } from '../platform/networks.ts';
import { allowedNetworks, mayConnect, urlProblem } from './address-guard.ts';

const none = allowedNetworks([]);

it.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '198.18.0.1',
  '::1',
  '::',
  'fe80::1',
  'fe80::1%eth0',
  'fd00::1',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::7f00:1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  'localhost',
  '',
])('sends nothing to %s', (address) => {
  expect(mayConnect(address, none)).toBe(false);
});

it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::1', '::ffff:8.8.8.8'])(
  'may send to %s',
  (address) => {
    expect(mayConnect(address, none)).toBe(true);
  },
);

it('sends to a closed network that was allowed, and to no other', () => {
  const allowed = allowedNetworks([
    { address: '10.1.0.0', prefix: 16 },
    { address: 'fd00:1::', prefix: 32 },
  ]);
  expect(['10.1.255.1', '10.2.0.1', 'fd00:1::5', 'fd00:2::5', '::ffff:10.1.0.1'].map((address) => mayConnect(address, allowed))).toEqual([
    true,
    false,
    true,
    false,
    true,
  ]);
});

it('lets no address of a private network through in any way of writing a URL', () => {
  fc.assert(
    fc.property(fc.constantFrom(10, 127), fc.nat(255), fc.nat(255), fc.nat(255), (a, b, c, d) => {
      const whole = ((a * 256 + b) * 256 + c) * 256 + d;
      const hosts = [
        `${a}.${b}.${c}.${d}`,
        String(whole),
        `0x${whole.toString(16)}`,
        `${a}.${b}.${c * 256 + d}`,
        `[::ffff:${a}.${b}.${c}.${d}]`,
      ];
      for (const host of hosts) expect(urlProblem(`https://${host}/x`, none)).not.toBeNull();
    }),
  );
});

const needsTls = 'must be https, or lead to this machine where TOWLINE_WEBHOOK_NETWORKS allows that';

it.each([
  ['https://hooks.example.net/x', null],
  ['http://hooks.example.net/x', needsTls],
  ['http://127.0.0.1:9/x', needsTls],
  ['https://[::1]/x', 'leads to a network that is not allowed'],
])('says of %s: %s', (url, problem) => {
  expect(urlProblem(url, none)).toBe(problem);
});

it('takes plain HTTP to this machine where that was allowed, and nowhere else', () => {
  const allowed = allowedNetworks([
    { address: '127.0.0.0', prefix: 8 },
    { address: '10.0.0.0', prefix: 8 },
  ]);
  expect(urlProblem('http://127.0.0.1:9/x', allowed)).toBeNull();
  expect(urlProblem('http://10.0.0.1/x', allowed)).toBe(needsTls);
});

it.each([
  ['10.0.0.0/8', { address: '10.0.0.0', prefix: 8 }],
  ['fd00::/8', { address: 'fd00::', prefix: 8 }],
  ['10.0.0.0/33', null],
  ['10.0.0.0', null],
  ['example.net/8', null],
])('reads %s', (text, network) => {
  expect(parseNetwork(text)).toEqual(network);
});
