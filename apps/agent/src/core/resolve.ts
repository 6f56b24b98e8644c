import { failedConditions, resolveRule, type SimSubject, type TargetDocument, type TargetRule } from '@towline/protocol';
import type { ObservedModem } from './observed.ts';

/** What the target's rules are asked of. Roaming is unknown until the modem is registered. */
export function simSubject(observed: ObservedModem): SimSubject {
  const { sim, registration, model } = observed;
  const registered = registration?.state === 'home' || registration?.state === 'roaming';
  return {
    homePlmn: sim?.homePlmn ?? null,
    iccid: sim?.iccid ?? null,
    imsi: sim?.imsi ?? null,
    roaming: registered ? registration.state === 'roaming' : null,
    model,
  };
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
    // A locked SIM tells its ICCID but not its IMSI, so conditions on IMSI, home PLMN or roaming cannot be asked yet.
    const { homePlmn: _homePlmn, imsiPrefix: _imsiPrefix, roaming: _roaming, ...askable } = when;
    return failedConditions(askable, subject).length === 0;
  };
  return document.rules.find((rule) => rule.pin !== undefined && mayCarryPin(rule) && holds(rule))?.pin ?? null;
}
