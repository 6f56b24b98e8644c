import { failedConditions, resolveRule, type SimSubject, type TargetDocument, type TargetRule } from '@towline/protocol';
import type { ObservedModem } from './observed.ts';

/** Whether it roams right now; null until the modem is registered. */
function roamsNow({ registration }: ObservedModem): boolean | null {
  const registered = registration?.state === 'home' || registration?.state === 'roaming';
  return registered ? registration.state === 'roaming' : null;
}

/** What the target's rules are asked of. */
export function simSubject(observed: ObservedModem): SimSubject {
  const { sim, model, identity, steadyRoaming = null } = observed;
  return {
    homePlmn: sim?.homePlmn ?? null,
    iccid: sim?.iccid ?? null,
    imsi: sim?.imsi ?? null,
    gid1: sim?.gid1 ?? null,
    roaming: steadyRoaming ?? roamsNow(observed),
    model,
    // As it is reported: a rule that a person wrote after the report has to hold here.
    firmware: identity?.firmware.slice(0, 80) ?? null,
  };
}

/** Home or roaming, as rules see it: what lasted. */
export interface RoamingMemory {
  /** The card that it is about: another card begins anew. */
  readonly iccid: string | null;
  readonly settled: boolean | null;
  /** Since when the other has been seen without a break, monotonic milliseconds; null: what is seen is what is settled. */
  readonly otherSinceMs: number | null;
}

export const unknownRoaming: RoamingMemory = { iccid: null, settled: null, otherSinceMs: null };

/**
 * What a look changes in it. At a border a modem changes networks by the minute, and each change of the rule would cost a redial, so another
 * state counts only once it has lasted `holdMs`. The first that is seen of a card counts at once, and while nothing is seen nothing changes.
 */
export function rememberRoaming(past: RoamingMemory, observed: ObservedModem, at: { nowMs: number; holdMs: number }): RoamingMemory {
  const iccid = observed.sim?.iccid ?? past.iccid;
  const memory = iccid === past.iccid ? past : { ...unknownRoaming, iccid };
  const seen = roamsNow(observed);
  if (seen === null) return memory;
  if (memory.settled === null || memory.settled === seen) return { iccid, settled: seen, otherSinceMs: null };
  const since = memory.otherSinceMs ?? at.nowMs;
  return at.nowMs - since >= at.holdMs ? { iccid, settled: seen, otherSinceMs: null } : { ...memory, otherSinceMs: since };
}

/** The rule that holds for the SIM in this modem. */
export function matchingRule(document: TargetDocument, observed: ObservedModem): TargetRule | null {
  return resolveRule(document.rules, simSubject(observed)).rule;
}

const isWholeIccid = (prefix: string) => prefix.length >= 18;

/** PINs come from a device's own rule or from one that names whole ICCIDs: a fleet-wide PIN would lock a fleet of SIMs. */
function mayCarryPin(rule: TargetRule): boolean {
  return rule.level === 'device' || (rule.when.iccidPrefix?.every(isWholeIccid) ?? false);
}

/** The PIN for the locked SIM in this modem, if the target has one that may be used for it. */
export function pinForSim(document: TargetDocument, observed: ObservedModem): string | null {
  const subject = simSubject(observed);
  const holds = ({ when }: TargetRule) => {
    // A locked SIM tells its ICCID but neither IMSI nor files, so conditions on those, home PLMN or roaming cannot be asked yet.
    const { homePlmn: _homePlmn, imsiPrefix: _imsiPrefix, gid1Prefix: _gid1Prefix, roaming: _roaming, ...askable } = when;
    return failedConditions(askable, subject).length === 0;
  };
  return document.rules.find((rule) => rule.pin !== undefined && mayCarryPin(rule) && holds(rule))?.pin ?? null;
}
