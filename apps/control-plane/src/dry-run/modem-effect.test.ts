import type { Abilities, ConnectionProfile, ModemState, SimSlot, TargetRule } from '@towline/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportedModem } from '../api/testing/fleet.ts';
import { type DeviceFacts, lifelinesBeside, risksOf } from './dry-run-risks.ts';
import { lacking, modemEffect } from './modem-effect.ts';
import { DryRunSum } from './sum-up.ts';

const abilities: Abilities = { modes: ['ecm', 'ppp'], switches: ['mbim'], redialS: 60, reattachS: 240, switchS: 400 };
const modem: ModemState = { ...reportedModem, abilities };
const base: ConnectionProfile = { apn: 'internet', ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: true };
const rule = (change: Partial<ConnectionProfile> = {}, name = 'r'): TargetRule => ({
  name,
  level: 'fleet',
  when: {},
  profileRef: `${name}@1`,
  profile: { ...base, ...change },
});
const effect = (after: TargetRule | null, { before = rule(), of = modem }: { before?: TargetRule | null; of?: ModemState } = {}) =>
  modemEffect({ modem: of, before, after, slot: null });

describe('the effect on a modem', () => {
  it.each([
    ['the same profile', {}, 'none', 0],
    ['the same APN in other letters', { apn: 'Internet' }, 'none', 0],
    ['another APN', { apn: 'fleet.north' }, 'reattach', 240],
    ['another IP type', { ipType: 'ipv4v6' }, 'reattach', 240],
    ['a password', { auth: 'pap', username: 'u', password: 'hunter22' }, 'redial', 60],
    ['the data mode that it is in', { dataMode: 'ecm' }, 'none', 0],
    ['PPP', { dataMode: 'ppp' }, 'redial', 60],
    ['a data mode that it has to be switched to', { dataMode: 'mbim', apn: 'fleet.north' }, 'switch', 400],
    ['a data mode that it cannot be dialled in', { dataMode: 'qmi', apn: 'fleet.north' }, 'none', 0],
  ] as const)('of %s is known', (_what, change, kind, outageS) => {
    const found = effect(rule(change));
    expect(found).toMatchObject({ kind, outageS, cutsLink: kind !== 'none' });
    expect(JSON.stringify(found)).not.toContain('hunter22');
  });

  const able: ModemState = { ...modem, abilities: { ...abilities, radioAccess: ['auto', 'lte'], bands: { lte: [1, 3, 20] } } };

  it('of what keeps its radio is that it searches anew, with what is written named, unless the target before said the same', () => {
    const kept = rule({ radioAccess: 'lte', bands: { lte: [20, 3] } });
    expect(effect(kept, { of: able })).toMatchObject({
      kind: 'reattach',
      cutsLink: true,
      outageS: 240,
      changes: [
        { field: 'radioAccess', from: null, to: 'lte' },
        { field: 'bands', from: null, to: 'lte 3 20' },
      ],
      steps: ['hang-up', 'write-radio-access', 'write-bands', 'write-context', 'cycle-radio', 'register', 'dial', 'verify'],
    });
    expect(effect(rule({ radioAccess: 'lte', bands: { lte: [3, 20] } }), { before: kept, of: able })).toMatchObject({
      kind: 'none',
      steps: [],
    });
    expect(effect(rule(), { before: kept, of: able })).toMatchObject({ kind: 'none' });
  });

  it.each([
    ['a technology that it cannot be kept to', { radioAccess: 'nr' }, 'radio-access.unavailable'],
    ['a band that it does not have', { bands: { lte: [3, 71] } }, 'bands.unavailable'],
    ['bands of a technology that it does not have', { bands: { nr: [78] } }, 'bands.unavailable'],
  ] as const)('of %s is none: the agent refuses it', (_what, change, risk) => {
    const { bands, ...others } = { bands: undefined, ...change };
    const wanted = bands && Object.fromEntries(Object.entries(bands).map(([name, list]) => [name, [...list]]));
    const after = rule({ ...others, ...(wanted ? { bands: wanted } : {}), apn: 'fleet.north' });
    expect(effect(after, { of: able })).toMatchObject({ kind: 'none', steps: [] });
    expect(lacking({ modem: able, before: rule(), after, slot: null })).toEqual([risk]);
  });

  const dual: ModemState = { ...modem, simSlot: 1, abilities: { ...abilities, simSlots: 2 } };
  const inSlot = (slot: SimSlot | null, of = dual) => ({ modem: of, before: rule(), after: rule(), slot });

  it('of another SIM slot is that a SIM is used which nobody has seen there', () => {
    expect(modemEffect(inSlot(2))).toMatchObject({
      kind: 'other-sim',
      cutsLink: true,
      outageS: 400,
      changes: [{ field: 'simSlot', from: '1', to: '2' }],
      steps: ['hang-up', 'write-sim-slot', 'register', 'write-context', 'dial', 'verify'],
    });
    expect(modemEffect(inSlot(1))).toMatchObject({ kind: 'none', changes: [] });
    const [effectThere, lackingThere] = [modemEffect(inSlot(2)), lacking(inSlot(2))];
    const risks = risksOf([{ modem: dual, effect: effectThere, lacking: lackingThere }], { ...calm, uplinks: [], modems: [dual] });
    expect(risks).toEqual(['uplink.only', 'lifeline.none', 'sim.unseen']);
  });

  it('of a SIM slot that the modem does not have is none: the agent refuses it', () => {
    expect(lacking(inSlot(2, able))).toEqual(['sim-slot.unavailable']);
    expect(modemEffect(inSlot(2, able))).toMatchObject({ kind: 'none', steps: [] });
  });

  it('names what differs, a password without its value', () => {
    const after = rule({ apn: 'fleet.north', auth: 'pap', username: 'u', password: 'hunter22' });
    expect(effect(after).changes).toEqual([
      { field: 'apn', from: 'internet', to: 'fleet.north' },
      { field: 'auth', from: 'none', to: 'pap' },
      { field: 'username', from: null, to: 'u' },
      { field: 'password', from: null, to: null },
    ]);
  });

  it('is measured by what is dialled, where there was no target or the modem is not where it wanted it', () => {
    expect(effect(rule({ apn: 'internet' }), { before: null })).toMatchObject({ kind: 'none', changes: [] });
    expect(effect(rule({ apn: 'fleet.north' }), { before: null }).changes).toEqual([{ field: 'apn', from: 'internet', to: 'fleet.north' }]);
    expect(effect(rule({ apn: 'internet' }), { before: rule({ apn: 'was.wanted' }) }).kind).toBe('none');
  });

  it('takes a roaming modem down for good where the profile forbids it', () => {
    const { registration } = modem;
    const abroad: ModemState = { ...modem, registration: registration && { ...registration, state: 'roaming' } };
    expect(effect(rule({ roaming: false }), { of: abroad })).toMatchObject({ kind: 'down', steps: ['hang-up'], outageS: null });
    expect(effect(rule({ roaming: false }))).toMatchObject({ kind: 'none' });
  });

  it('cuts nothing of a modem that is not up', () => {
    const down: ModemState = { ...modem, bearer: null };
    expect(effect(rule({ apn: 'fleet.north' }), { of: down })).toMatchObject({ cutsLink: false, kind: 'reattach' });
    expect(effect(rule({ apn: 'fleet.north' }), { of: down }).steps).not.toContain('hang-up');
  });

  it('of an agent that does not tell what it can do has no known length', () => {
    const { abilities: _abilities, ...silent } = modem;
    expect(effect(rule({ dataMode: 'qmi' }), { of: silent })).toMatchObject({ kind: 'switch', outageS: null });
  });

  it('is none whenever nothing that is dialled with differs', () => {
    const profile = fc.record({
      apn: fc.constantFrom('internet', 'fleet.north'),
      ipType: fc.constantFrom('ipv4', 'ipv6'),
      auth: fc.constantFrom('none', 'pap'),
      dataMode: fc.constantFrom('auto', 'ecm', 'mbim'),
      roaming: fc.boolean(),
    }) satisfies fc.Arbitrary<ConnectionProfile>;
    fc.assert(
      fc.property(profile, (same) => {
        const dialled: ModemState = {
          ...modem,
          bearer: {
            requestedApn: same.apn,
            apn: null,
            ipType: same.ipType,
            dataMode: same.dataMode === 'auto' ? 'ecm' : same.dataMode,
            addresses: [],
          },
          abilities: { ...abilities, modes: ['ecm', 'mbim', 'ppp'], switches: [] },
        };
        expect(effect(rule(same), { before: rule(same), of: dialled })).toMatchObject({ kind: 'none', changes: [], cutsLink: false });
      }),
    );
  });
});

const calm: DeviceFacts = {
  online: true,
  onHold: false,
  openJobs: 0,
  isChanging: false,
  signalDbm: -80,
  modems: [modem],
  uplinks: ['eth0'],
};
const judged = (after: TargetRule | null, of: ModemState = modem) => {
  const input = { modem: of, before: rule(), after, slot: null };
  return [{ modem: of, effect: modemEffect(input), lacking: lacking(input) }];
};
const cutting = rule({ apn: 'fleet.north' });
const spare: ModemState = { ...modem, id: '1-2' };

describe('what speaks against a change', () => {
  it.each([
    ['a gateway on Ethernet too', {}, []],
    ['a gateway whose modem is all it has', { uplinks: [] }, ['uplink.only', 'lifeline.none']],
    ['one with a spare modem that is up', { uplinks: [], modems: [modem, spare] }, []],
    [
      'one with a spare modem that is down',
      { uplinks: [], modems: [modem, { ...spare, connection: 'registered' as const }] },
      ['uplink.only'],
    ],
    ['an agent that does not tell', { uplinks: null }, ['uplink.unknown']],
    ['open jobs', { openJobs: 2 }, ['jobs.open']],
    ['a change under way', { isChanging: true }, ['change.under-way']],
    ['a weak signal', { signalDbm: -113 }, ['signal.weak']],
    ['a device that is away', { online: false }, ['device.offline']],
    ['a site on hold', { onHold: true }, ['site.on-hold']],
  ])('%s', (_what, facts, risks) => {
    expect(risksOf(judged(cutting), { ...calm, ...facts })).toEqual(risks);
  });

  it('is nothing of the link where the link stays', () => {
    expect(risksOf(judged(rule()), { ...calm, uplinks: [], openJobs: 2, signalDbm: -120 })).toEqual([]);
  });

  it('is a mode without driver or tool, a SIM without a rule, a modem that roams', () => {
    expect(risksOf(judged(rule({ dataMode: 'qmi' })), calm)).toEqual(['mode.unavailable']);
    expect(risksOf(judged(null), calm)).toEqual(['rule.none']);
    const abroad: ModemState = { ...modem, roaming: true };
    expect(risksOf(judged(rule({ roaming: false }), abroad), calm)).toEqual(['roaming.refused']);
  });

  it('counts lifelines beside the modem that changes', () => {
    expect(lifelinesBeside('1-1', { modems: [modem, spare], uplinks: ['eth0', 'wlan0'] })).toBe(3);
    expect(lifelinesBeside('1-1', { modems: [modem], uplinks: null })).toBeNull();
    expect(lifelinesBeside('1-1', { modems: [modem, spare], uplinks: null })).toBe(1);
  });
});

describe('the sum', () => {
  it('says in one sentence what has to be known', () => {
    const sum = new DryRunSum();
    const line = { kind: 'device' as const, device: 'd', name: 'n', code: null, outcome: 'assigned' as const };
    for (let device = 0; device < 3; device += 1)
      sum.add({ ...line, modems: judged(cutting).map((one) => one.effect), risks: risksOf(judged(cutting), { ...calm, uplinks: [] }) });
    sum.add({ ...line, modems: judged(rule({ dataMode: 'mbim' })).map((one) => one.effect), risks: [] });
    sum.add({ ...line, outcome: 'refused', code: 'target.no-rule', modems: [], risks: [] });
    sum.add({ ...line, outcome: 'unchanged', modems: [], risks: [] });
    expect(sum.summary()).toEqual({
      kind: 'summary',
      devices: 6,
      assigned: 4,
      unchanged: 1,
      refused: [{ value: 'target.no-rule', count: 1 }],
      cut: 4,
      effects: [
        { value: 'reattach', count: 3 },
        { value: 'switch', count: 1 },
      ],
      risks: [
        { value: 'lifeline.none', count: 3 },
        { value: 'uplink.only', count: 3 },
      ],
      outage: { medianS: 240, maxS: 400 },
      text: '4 of 6 devices lose their link for at most 400 s, 3 change their only uplink, 3 have no lifeline, 1 get no target.',
    });
  });

  it('of nothing is nothing', () => {
    expect(new DryRunSum().summary()).toMatchObject({ devices: 0, outage: null, text: '0 of 0 devices lose their link.' });
  });
});
