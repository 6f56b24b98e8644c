import type { ModemState, TargetRule } from '@towline/protocol';
import { expect, it } from 'vitest';
import { reportedModem } from '../api/testing/fleet.ts';
import { driftOf } from './drift.ts';

const rule: TargetRule = {
  name: 'everyone',
  level: 'fleet',
  when: {},
  profileRef: 'p@1',
  profile: { apn: 'internet', ipType: 'ipv4v6', auth: 'none', dataMode: 'auto', roaming: true },
};
const settled: ModemState = { ...reportedModem, rule: 'everyone', profileRef: 'p@1' };

it('finds none where the network added its suffix or gave one of two IP types', () => {
  expect(driftOf([rule], [settled])).toEqual([]);
});

it('names an APN that the network put in place of the one asked for', () => {
  const substituted = {
    ...settled,
    bearer: { requestedApn: 'internet', apn: 'default.carrier', ipType: null, dataMode: null, addresses: [] },
  };
  expect(driftOf([rule], [substituted])).toEqual([{ modem: '1-1', field: 'apn', wanted: 'internet', reported: 'default.carrier' }]);
});

it('names a bearer that is not there and a rule that the device does not follow', () => {
  const idle = { ...settled, rule: null, profileRef: null, bearer: null };
  expect(driftOf([rule], [idle]).map(({ field, reported }) => [field, reported])).toEqual([
    ['rule', null],
    ['profile', null],
    ['apn', null],
  ]);
});

it('names a SIM slot that is not the one in use, of a modem that has two', () => {
  const named: TargetRule = { ...rule, simSlot: 2 };
  expect(driftOf([named], [{ ...settled, simSlot: 1 }])).toEqual([{ modem: '1-1', field: 'simSlot', wanted: '2', reported: '1' }]);
  expect(driftOf([named], [{ ...settled, simSlot: 2 }])).toEqual([]);
  expect(driftOf([{ ...named, when: { model: ['another'] } }, rule], [{ ...settled, simSlot: 1 }])).toEqual([]);
});
