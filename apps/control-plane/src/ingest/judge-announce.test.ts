import type { Announce } from '@towline/protocol';
import { describe, expect, it } from 'vitest';
import { type AnnouncedTarget, refusalOfAnnounce } from './judge-announce.ts';

const profile = { apn: 'fleet.north', ipType: 'ipv4v6', auth: 'none', dataMode: 'auto', roaming: true } as const;
const rules = [{ name: 'north', level: 'fleet', when: {}, profileRef: 'p@1', profile }] as const;
const target: AnnouncedTarget = { epoch: 2, number: 7, digest: 'd', rules: [...rules], change: null, confirmed: false };
const bearer = {
  requestedApn: 'fleet.north',
  apn: 'fleet.north.mnc001.mcc262.gprs',
  ipType: 'ipv4',
  dataMode: 'qmi',
  addresses: [],
} as const;
const announce: Announce = {
  transaction: 'change-1',
  nonce: 'nonce-one',
  version: { epoch: 2, number: 7 },
  digest: 'd',
  modem: 'modem0',
  iccid: '8988',
  profileRef: 'p@1',
  bearer: { ...bearer, addresses: [] },
  pinned: true,
};
const said = (fields: Partial<Announce>, of: AnnouncedTarget | null = target) => refusalOfAnnounce(of, { ...announce, ...fields });
const withBearer = (fields: Partial<Announce['bearer']>) => said({ bearer: { ...announce.bearer, ...fields } });

describe('a change may stay', () => {
  it('when it is to the target as it is now, and the bearer is what its profile asks for', () => {
    expect(said({})).toBeNull();
    expect(withBearer({ apn: null, ipType: null, dataMode: null })).toBeNull();
  });

  it('when it was said yes to before, whatever its bearer looks like now', () => {
    const confirmed = { ...target, change: 'change-1', confirmed: true };
    expect(said({ bearer: { ...announce.bearer, apn: 'another' } }, confirmed)).toBeNull();
    expect(said({ digest: 'e' }, confirmed)?.code).toBe('announce.other-document');
    expect(said({}, { ...confirmed, number: 8 })?.code).toBe('announce.superseded');
  });
});

describe('a change may not stay', () => {
  it.each([
    ['without a target', {}, null, 'announce.no-target'],
    ['to a target that was replaced', { version: { epoch: 2, number: 6 } }, target, 'announce.superseded'],
    ['to one of before the database was restored', { version: { epoch: 1, number: 99 } }, target, 'announce.superseded'],
    ['to one that this database never gave', { version: { epoch: 2, number: 8 } }, target, 'announce.unknown-version'],
    ['to one of a later database', { version: { epoch: 3, number: 1 } }, target, 'announce.unknown-version'],
    ['to another document under the same number', { digest: 'e' }, target, 'announce.other-document'],
    ['with a profile that no rule leads to', { profileRef: 'p@2' }, target, 'announce.unknown-profile'],
    ['to a target that cannot be read', {}, { ...target, rules: null }, 'announce.unreadable-target'],
  ] as const)('%s', (_, fields, of, code) => {
    expect(said(fields, of)?.code).toBe(code);
  });

  it.each([
    ['another APN than the network gave', { apn: 'fleet.south' }, 'apn: wanted fleet.north, read back fleet.south'],
    ['no APN at all', { apn: null, requestedApn: null }, 'apn: wanted fleet.north, read back nothing'],
  ])('with %s', (_, fields, line) => {
    expect(withBearer(fields)).toEqual({ code: 'announce.bearer-differs', evidence: [line] });
  });

  it('with another IP type or data mode than the profile names', () => {
    const strict = { ...target, rules: [{ ...rules[0], profile: { ...profile, ipType: 'ipv6', dataMode: 'mbim' } as const }] };
    expect(said({}, strict)?.evidence).toEqual(['ipType: wanted ipv6, read back ipv4', 'dataMode: wanted mbim, read back qmi']);
  });
});
