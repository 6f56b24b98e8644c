import { modelById, type PinTry } from '@towline/modem';
import type { TargetRule } from '@towline/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision, Situation } from './decision.ts';
import { rungOf } from './ladder.ts';
import { freshMemory, type ModemMemory, rememberStep, rememberTarget } from './memory.ts';
import { type ObservedModem, unseenModem } from './observed.ts';
import { plan } from './plan.ts';
import { reactions, type TroubleCode } from './reactions.ts';
import { rungs } from './rung.ts';

const model = modelById('ec200a') ?? null;
const rule: TargetRule = {
  name: 'north',
  level: 'device',
  when: {},
  profileRef: 'north@1',
  profile: { apn: 'fleet.north', ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: false },
  pin: '1234',
};
const target = { salt: 'salt-salt-salt-salt', policy: { id: 'p', version: 1 }, rules: [rule] };

const up: ObservedModem = {
  ...unseenModem('m1'),
  model: 'ec200a',
  answering: true,
  identity: { manufacturer: 'Quectel', product: 'EC200A', firmware: 'F', imei: '490154203237518' },
  radio: 'on',
  sim: { state: 'ready', iccid: '8900101000000000071', imsi: '001010000000007', homePlmn: '00101', pinTriesLeft: 3 },
  registration: { state: 'home', rat: 'lte', servingPlmn: '00101', operator: 'Polder', area: null, cell: null },
  signal: { rssiDbm: -70, rsrpDbm: -90, rsrqDb: -8, sinrDb: 12 },
  context: { contextId: 1, apn: 'fleet.north', ipType: 'ipv4' },
  dataMode: 'ecm',
  offeredModes: null,
  bearer: { active: true, apn: 'fleet.north', addresses: ['10.0.0.2'], dns: [], settings: null },
};

function situation(over: Partial<Situation> = {}): Situation {
  const digest = (text: string) => `#${text}`;
  return {
    observed: up,
    model,
    means: { hasPppPort: true, hasControlPort: false, vidPid: null, abilities: null },
    host: null,
    recovery: { usbPath: null, power: false, hostReboot: false, carriesSession: false },
    target,
    simSlot: null,
    memory: freshMemory,
    pinTries: [],
    nowMs: 1_000_000,
    digest,
    pinHash: digest,
    ...over,
  };
}

it('asks again, and concludes nothing, when a modem once does not say which data mode it is in', () => {
  const ecm = { ...target, rules: [{ ...rule, profile: { ...rule.profile, dataMode: 'ecm' as const } }] };
  const decision = plan(situation({ target: ecm, observed: { ...up, dataMode: null } }));
  expect(decision).toMatchObject({ connection: 'registered', fault: null, next: { kind: 'wait' } });
  const other = plan(situation({ target: ecm, observed: { ...up, dataMode: 'rndis' } }));
  expect(other.fault?.code).toBe('mode.unavailable');
});

describe('a modem with two SIM slots that once does not say which is in use', () => {
  const twoSlots = modelById('rm520n-gl') ?? null;
  const unsaid = { model: twoSlots, simSlot: 1, observed: { ...up, model: 'rm520n-gl' } } as const;

  it('keeps a link that was verified', () => {
    const memory = { ...freshMemory, verifiedSinceMs: 1_000 };
    expect(plan(situation({ ...unsaid, memory })).connection).not.toBe('radio-on');
  });

  it.each([
    ['before it was', freshMemory],
    ['after another configuration was aimed at', rememberTarget({ ...freshMemory, verifiedSinceMs: 1_000 })],
  ])('is asked again %s', (_when, memory) => {
    expect(plan(situation({ ...unsaid, memory }))).toMatchObject({ connection: 'radio-on', next: { kind: 'wait' } });
  });
});

const kindsOf = ({ next }: Decision) => (next.kind === 'steps' ? next.steps.map(({ kind }) => kind) : []);
const dialStep = { kind: 'dial', contextId: 1, mode: 'ecm', apn: 'fleet.north', cutsLink: false, changesDialling: false } as const;

function failedDials(code: TroubleCode, times: number): ModemMemory {
  let memory = freshMemory;
  for (let count = 0; count < times; count += 1) {
    memory = rememberStep(memory, { step: dialStep, failure: { code, evidence: [] }, fingerprint: null, nowMs: 0, draw: 0.5 });
  }
  return memory;
}

describe('the plan', () => {
  it('leaves a link alone that is as the target wants it', () => {
    expect(plan(situation())).toMatchObject({ connection: 'verified', fault: null, next: { kind: 'wait' } });
  });

  it('names an interface whose IPv6 is off as the reason, where the network gave nothing else', () => {
    const address = { address: '2001:db8::2', prefixLength: 64, gateway: 'fe80::1' };
    const settings = { addressing: 'static', interface: 'wwan0', addresses: [address], dns: [], mtu: null } as const;
    const kernel = { interface: 'wwan0', up: true, mtu: 1500, addresses: [], routes: [], rules: [], routers: [], resolvers: [] };
    const real = { ...kernel, reverseFilter: 2, routerMetric: 4_000, ipv6Off: true, rxBytes: 0 };
    const observed = { ...up, bearer: { active: true, apn: 'fleet.north', addresses: [address.address], dns: [], settings }, host: real };
    const decision = plan(situation({ observed, host: { slot: 0, probeEveryMs: 300_000 } }));
    expect(decision).toMatchObject({ connection: 'connected', fault: { code: 'host.network-refused' }, next: { kind: 'wait' } });
  });

  it('leaves a link alone for which there is no target or no rule', () => {
    expect(kindsOf(plan(situation({ target: null })))).toEqual([]);
    expect(plan(situation({ target: { ...target, rules: [] } }))).toMatchObject({
      fault: { code: 'policy.no-rule' },
      next: { kind: 'wait' },
    });
  });

  it('marks the steps of another APN: they cut the link and change what is dialled', () => {
    const profile = { ...rule.profile, apn: 'fleet.south' };
    const decision = plan(situation({ target: { ...target, rules: [{ ...rule, profile }] } }));
    expect(kindsOf(decision)).toEqual(['hang-up', 'write-context', 'cycle-radio']);
    const steps = decision.next.kind === 'steps' ? decision.next.steps : [];
    expect(steps[0]).toMatchObject({ cutsLink: true, changesDialling: true });
  });

  it('calls a silent default APN a failure, and keeps the link that it may be reached by', () => {
    const observed = { ...up, bearer: { active: true, apn: 'internet', addresses: ['10.0.0.2'], dns: [], settings: null } };
    expect(plan(situation({ observed }))).toMatchObject({
      connection: 'connected',
      fault: { code: 'apn.substituted' },
      next: { kind: 'wait' },
    });
  });

  it('believes that of a bearer that it dialled only once the modem has attached anew: the attach may be of an older context', () => {
    const observed = { ...up, bearer: { active: true, apn: 'fleet.old', addresses: ['10.0.0.2'], dns: [], settings: null } };
    const dialled = { ...freshMemory, dialled: 'as wanted' };
    const looked = (memory: ModemMemory) => plan(situation({ observed, memory, digest: () => 'as wanted' }));
    const doubted = looked(dialled);
    expect(doubted.fault).toBeNull();
    expect(kindsOf(doubted)).toEqual(['hang-up', 'cycle-radio']);
    const [, cycle] = doubted.next.kind === 'steps' ? doubted.next.steps : [];
    const attached = cycle && rememberStep(dialled, { step: cycle, failure: null, fingerprint: null, nowMs: 0, draw: 0.5 });
    expect(attached && looked(attached)).toMatchObject({ fault: { code: 'apn.substituted' }, next: { kind: 'wait' } });
  });

  it('dials again after 5, 10, 20, 40 and 60 seconds, a little earlier at most', () => {
    const delays = [1, 2, 3, 4, 5, 6].map((times) => failedDials('network.no-service', times).trouble?.notBeforeMs ?? 0);
    for (const [index, full] of [5, 10, 20, 40, 60, 60].entries()) {
      expect(delays[index]).toBeGreaterThanOrEqual(full * 800);
      expect(delays[index]).toBeLessThanOrEqual(full * 1_000);
    }
  });

  it('forgets the waits of the old target when another comes', () => {
    const observed = { ...up, bearer: { active: false, apn: null, addresses: [], dns: [], settings: null } };
    const memory = failedDials('apn.not-subscribed', 3);
    expect(plan(situation({ observed, memory, nowMs: 1_000 }))).toMatchObject({
      connection: 'backing-off',
      fault: { code: 'apn.not-subscribed' },
    });
    expect(kindsOf(plan(situation({ observed, memory: rememberTarget(memory), nowMs: 1_000 })))).toEqual(['write-context', 'dial']);
  });

  it('climbs to a new attach, to the radio and then to a reset only where signal is fair and the trouble one that a reset may mend', () => {
    const observed = { ...up, bearer: { active: false, apn: null, addresses: [], dns: [], settings: null } };
    const memory = failedDials('bearer.no-carrier', 5);
    expect(kindsOf(plan(situation({ observed, memory })))).toEqual(['reattach']);
    const spent = (count: number) => ({ count, lastMs: 0 });
    const reattached = { ...memory, ladder: { spent: { reattach: spent(2) }, lastRungMs: 0 } };
    expect(kindsOf(plan(situation({ observed, memory: reattached })))).toEqual(['cycle-radio']);
    const cycled = { ...memory, ladder: { spent: { reattach: spent(2), 'cycle-radio': spent(3) }, lastRungMs: 0 } };
    expect(kindsOf(plan(situation({ observed, memory: cycled })))).toEqual(['reset-modem']);
    const weak = { ...observed, signal: { rssiDbm: -100, rsrpDbm: -118, rsrqDb: -17, sinrDb: -3 } };
    expect(kindsOf(plan(situation({ observed: weak, memory })))).toEqual(['write-context', 'dial']);
  });
});

const simStates = fc.constantFrom('ready', 'pin-required', 'puk-required', 'absent', 'busy', 'failed');
const registrations = fc.constantFrom('not-searching', 'home', 'searching', 'denied', 'unknown', 'roaming');
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });

const observations: fc.Arbitrary<ObservedModem> = fc.record({
  id: fc.constant('m1'),
  usb: fc.constant(null),
  host: fc.constant(null),
  model: fc.constant('ec200a'),
  answering: fc.boolean(),
  identity: maybe(fc.constant(up.identity)).map((identity) => identity),
  radio: fc.constantFrom('on', 'off', null),
  sim: maybe(
    fc.record({
      state: simStates,
      iccid: maybe(fc.constant('8900101000000000071')),
      imsi: maybe(fc.constant('001010000000007')),
      homePlmn: maybe(fc.constant('00101')),
      pinTriesLeft: maybe(fc.nat(3)),
    }),
  ),
  registration: maybe(registrations.map((state) => ({ state, rat: null, servingPlmn: '00101', operator: null, area: null, cell: null }))),
  signal: maybe(
    fc.record({
      rssiDbm: maybe(fc.integer({ min: -120, max: -50 })),
      rsrpDbm: maybe(fc.integer({ min: -140, max: -60 })),
      rsrqDb: fc.constant(null),
      sinrDb: fc.constant(null),
    }),
  ),
  context: maybe(
    fc.record({
      contextId: fc.constant(1),
      apn: fc.constantFrom('fleet.north', 'fleet.south', ''),
      ipType: fc.constantFrom('ipv4', 'ipv6', null),
    }),
  ),
  radioAccess: fc.constant(null),
  bands: fc.constant(null),
  simSlot: fc.constant(null),
  dataMode: fc.constantFrom('ecm', 'qmi', 'ppp', null),
  offeredModes: maybe(fc.subarray(['ecm', 'rndis'] as const)),
  bearer: maybe(
    fc.record({
      active: fc.boolean(),
      apn: fc.constantFrom('fleet.north', 'internet', null),
      addresses: fc.constantFrom([], ['10.0.0.2']),
      dns: fc.constant([]),
      settings: fc.constant(null),
    }),
  ),
  failure: maybe(
    fc
      .constantFrom<TroubleCode>('at.timeout', 'at.port-closed')
      .map((code) => ({ code: code === 'at.timeout' ? ('at.timeout' as const) : ('at.port-closed' as const), evidence: [] })),
  ),
});

const codes = fc.constantFrom<TroubleCode>(
  'network.denied',
  'apn.unknown',
  'bearer.auth-failed',
  'sim.pin-wrong',
  'bearer.no-carrier',
  'at.timeout',
  'network.congested',
);
const memories: fc.Arbitrary<ModemMemory> = fc
  .record({
    code: maybe(codes),
    count: fc.integer({ min: 1, max: 9 }),
    spent: fc.dictionary(fc.constantFrom(...rungs), fc.record({ count: fc.nat(3), lastMs: fc.nat(1_000_000) })),
    silentLooks: fc.nat(12),
    brokenLooks: fc.nat(6),
    notBeforeMs: fc.nat(2_000_000),
    searching: maybe(fc.nat(1_000_000)),
  })
  .map(({ code, count, spent, silentLooks, brokenLooks, notBeforeMs, searching }) => ({
    ...freshMemory,
    silentLooks,
    brokenLooks,
    trouble: code && { code, evidence: [], count, notBeforeMs },
    ladder: { spent, lastRungMs: null },
    searchingSinceMs: searching,
  }));
const tries: fc.Arbitrary<PinTry[]> = fc.array(
  fc.record({
    iccid: fc.constant('8900101000000000071'),
    pinHash: fc.constantFrom('#1234', '#9999'),
    triesLeft: fc.integer({ min: 1, max: 3 }),
    outcome: fc.constantFrom('pending', 'accepted', 'refused'),
  }),
  { maxLength: 3 },
);

describe('whatever is seen and remembered, the plan', () => {
  const anything = fc.record({
    observed: observations,
    memory: memories,
    pinTries: tries,
    hasPppPort: fc.boolean(),
    recovery: fc.record({
      usbPath: maybe(fc.constant('1-1')),
      power: fc.boolean(),
      hostReboot: fc.boolean(),
      carriesSession: fc.boolean(),
    }),
  });

  it('ends in steps or in a moment to come', () => {
    fc.assert(
      fc.property(anything, (over) => {
        const { next } = plan(situation(over));
        if (next.kind === 'steps') expect(next.steps.length).toBeGreaterThan(0);
        else expect(next.untilMs).toBeGreaterThan(1_000_000);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never enters a PIN that was refused, nor with fewer than three tries', () => {
    fc.assert(
      fc.property(anything, (over) => {
        if (!kindsOf(plan(situation(over))).includes('enter-pin')) return;
        expect(over.observed.sim?.pinTriesLeft).toBe(3);
        expect(over.pinTries.some(({ pinHash, outcome }) => pinHash === '#1234' && outcome === 'refused')).toBe(false);
        expect(over.pinTries.some(({ pinHash, outcome }) => pinHash === '#1234' && outcome === 'pending')).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never climbs the ladder for a denial, a PIN, an APN or an authentication, and does nothing before its time', () => {
    fc.assert(
      fc.property(anything, (over) => {
        const decision = plan(situation(over));
        const { trouble } = over.memory;
        const steps = decision.next.kind === 'steps' ? decision.next.steps : [];
        const climbs = steps.some((step) => rungOf(step) !== null && !('because' in step && step.because === 'sim'));
        const { answering, failure, registration, sim } = over.observed;
        if (answering && registration?.state === 'denied' && sim?.state === 'ready') expect(climbs).toBe(false);
        const isWhole = answering && failure === null && registration?.state === 'home';
        if (trouble && isWhole && !reactions[trouble.code].climbs) expect(climbs).toBe(false);
        if (trouble && trouble.notBeforeMs > 1_000_000) expect(steps).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never cuts a link that is as the target wants it', () => {
    fc.assert(
      fc.property(fc.record({ memory: memories, pinTries: tries, hasPppPort: fc.boolean() }), (over) => {
        expect(plan(situation(over))).toMatchObject({ connection: 'verified', next: { kind: 'wait' } });
      }),
    );
  });
});
