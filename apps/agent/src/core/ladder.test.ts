import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { climbed, nextRung, type RecoveryMeans, type RungQuestion, rungOf, simReset } from './ladder.ts';
import type { Ladder } from './memory.ts';
import type { TroubleCode } from './reactions.ts';
import { climbOf, type Rung, rungs, rungTerms, silentPort } from './rung.ts';

const everything: RecoveryMeans = { usbPath: '1-1.3', power: true, hostReboot: true, carriesSession: false };
const fresh: Ladder = { spent: {}, lastRungMs: null };
const minutes = (count: number) => count * 60_000;

function question(code: TroubleCode, over: Partial<RungQuestion> = {}): RungQuestion {
  return { ladder: fresh, climb: climbOf(code), code, model: { quirks: [] }, means: everything, nowMs: minutes(100), ...over };
}

/** The rungs in the order in which they are tried, when an hour passes after each. */
function climb(code: TroubleCode, over: Partial<RungQuestion> = {}): readonly Rung[] {
  const tried: Rung[] = [];
  let ladder = fresh;
  let nowMs = minutes(100);
  for (let step = nextRung(question(code, { ...over, ladder, nowMs })); step; nowMs += minutes(61)) {
    const rung = rungOf(step);
    if (rung) tried.push(rung);
    ladder = climbed(ladder, step, nowMs);
    step = nextRung(question(code, { ...over, ladder, nowMs: nowMs + minutes(61) }));
  }
  return tried;
}

const kinds = (tried: readonly Rung[]) => [...new Set(tried)];

describe('the recovery ladder', () => {
  it('is climbed from the cheapest rung to the host, each within its budget', () => {
    const tried = climb('bearer.no-carrier');
    expect(kinds(tried)).toEqual(rungs);
    for (const rung of rungs) expect(tried.filter((one) => one === rung)).toHaveLength(rungTerms[rung].budget);
  });

  it.each([
    ['control.timeout', ['reset-modem', 'reset-usb', 'reload-drivers', 'cycle-power', 'reboot-host']],
    ['network.search-timeout', rungs.slice(1)],
  ] as const)('begins for %s where it touches what is broken', (code, expected) => {
    expect(kinds(climb(code))).toEqual(expected);
  });

  it('begins beyond the modem where its AT port is silent', () => {
    expect(kinds(climb('at.timeout', { climb: silentPort }))).toEqual(['reset-usb', 'reload-drivers', 'cycle-power', 'reboot-host']);
  });

  it('leaves out what is not to be had: no USB, no command for power, no leave to restart the host', () => {
    const means = { usbPath: null, power: false, hostReboot: false, carriesSession: false };
    expect(kinds(climb('bearer.no-carrier', { means }))).toEqual(['reattach', 'cycle-radio', 'reset-modem']);
    expect(climb('at.timeout', { climb: silentPort, means })).toEqual([]);
  });

  it('leaves the configuration of a modem alone whose model says that it matters', () => {
    const model = { quirks: ['usb-configuration-matters' as const] };
    expect(kinds(climb('control.timeout', { model }))).toEqual(['reset-modem', 'reload-drivers', 'cycle-power', 'reboot-host']);
  });

  it('waits for the gap of the next rung rather than skip it', () => {
    const reset = nextRung(question('control.timeout'));
    const ladder = reset ? climbed(fresh, reset, minutes(100)) : fresh;
    expect(nextRung(question('control.timeout', { ladder, nowMs: minutes(101) }))).toBeNull();
    expect(nextRung(question('control.timeout', { ladder, nowMs: minutes(102) }))).toMatchObject({ kind: 'reset-usb', usbPath: '1-1.3' });
  });

  it('takes the power away once an hour at most', () => {
    const spent = {
      'reset-usb': { count: 1, lastMs: 0 },
      'reload-drivers': { count: 1, lastMs: 0 },
      'cycle-power': { count: 1, lastMs: minutes(100) },
    };
    const at = (nowMs: number) =>
      nextRung(question('at.timeout', { climb: silentPort, ladder: { spent, lastRungMs: minutes(100) }, nowMs }));
    expect(at(minutes(159))).toBeNull();
    expect(at(minutes(160))).toMatchObject({ kind: 'cycle-power' });
  });

  it('never cuts a link that the session is heard over', () => {
    fc.assert(
      fc.property(fc.constantFrom<TroubleCode>('control.timeout', 'bearer.no-carrier', 'at.timeout'), fc.nat(), (code, nowMs) => {
        expect(nextRung(question(code, { means: { ...everything, carriesSession: true }, nowMs }))).toBeNull();
      }),
    );
  });

  it('counts a reset for the SIM as one of the modem, and an ordered one as none', () => {
    const forSim = simReset(fresh, 0);
    const ladder = forSim ? climbed(fresh, forSim, 0) : fresh;
    expect(ladder.spent['reset-modem']?.count).toBe(1);
    expect(climbed(ladder, { kind: 'reset-modem', because: 'job', cutsLink: true, changesDialling: false }, 5)).toEqual(ladder);
  });
});
