import type { BackoffPolicy } from '@towline/kit';
import type { FailureCode } from '@towline/modem';

/** Codes of what keeps a modem from where its target wants it: the modem's own, and what the agent concludes. */
export type TroubleCode =
  | FailureCode
  | 'apn.substituted' // the network gave another APN than was asked for
  | 'apn.not-kept' // written, yet the read-back differs
  | 'mode.unavailable' // the profile wants a data mode that the modem is not in
  | 'mode.unread' // the modem did not say which mode it is in, this time
  | 'mode.not-kept' // switched, yet the modem is in another mode
  | 'radio-access.unavailable' // the profile wants a radio technology that the modem cannot be kept to
  | 'radio-access.not-kept' // written, yet the modem is kept to another
  | 'bands.unavailable' // the profile wants bands that the modem cannot be kept to
  | 'bands.unreadable' // which bands it is kept to cannot be told, so nobody could bring them back
  | 'bands.not-kept' // written, yet the modem is kept to others
  | 'sim-slot.unavailable' // the target wants the other SIM slot of a modem that is not known to have two
  | 'sim-slot.not-kept' // written, yet the modem uses the other
  | 'mode.switch-lost' // the modem did not come back from the switch in time
  | 'mode.not-by-at' // the modem's data mode cannot be dialled over AT, and there is no PPP port
  | 'modem.absent'
  | 'bearer.no-dhcp' // the modem's network function gave no lease
  | 'bearer.no-traffic' // configured, yet no probe comes back over it
  | 'host.network-refused' // the kernel refused an address, a route or a rule
  | 'modem.at-port-lost' // its USB composition has none
  | 'modem.in-boot-mode' // it waits for firmware (QDL)
  | 'host.driver-missing' // no kernel driver holds the interface of its AT port
  | 'network.roaming-refused' // the profile forbids roaming
  | 'network.search-timeout'
  | 'pin.none-given'
  | 'pin.sim-unidentified'
  | 'pin.counter-unreadable'
  | 'pin.too-few-tries'
  | 'pin.refused-before'
  | 'policy.no-rule'
  | 'rf.weak'; // below the floor at which any reset helps

/**
 * - `redial`: try again soon; after some tries the ladder may be climbed, where `climbs` says so.
 * - `back-off`: the network asked for patience; minutes, growing.
 * - `wait-slow`: only a change elsewhere mends it; at least ten minutes between tries.
 * - `needs-person`: the same, at least an hour.
 * - `keep-link`: what is up stays up; only another target changes it.
 */
export type Reaction = 'redial' | 'back-off' | 'wait-slow' | 'needs-person' | 'keep-link';

interface ReactionRule {
  readonly reaction: Reaction;
  readonly climbs: boolean;
}

const redial = { reaction: 'redial', climbs: false } as const;
const redialAndClimb = { reaction: 'redial', climbs: true } as const;
const backOff = { reaction: 'back-off', climbs: false } as const;
const waitSlow = { reaction: 'wait-slow', climbs: false } as const;
const needsPerson = { reaction: 'needs-person', climbs: false } as const;

/** What follows from which failure. Denial, PIN, APN and authentication never climb the ladder: no reset mends a contract. */
export const reactions: Readonly<Record<TroubleCode, ReactionRule>> = {
  'at.timeout': redialAndClimb,
  'at.port-closed': redial,
  'at.rejected': waitSlow,
  'at.unparsable': waitSlow,
  'sim.absent': needsPerson,
  'sim.pin-required': needsPerson,
  'sim.puk-required': needsPerson,
  'sim.failure': needsPerson,
  'sim.busy': redial,
  'sim.pin-wrong': needsPerson,
  'modem.radio-off': redialAndClimb,
  'modem.radio-locked': needsPerson,
  'modem.restarting': redial,
  'modem.too-hot': backOff,
  'control.timeout': redialAndClimb,
  'control.port-closed': redial,
  'control.rejected': waitSlow,
  'control.unparsable': waitSlow,
  'control.clients-exhausted': redialAndClimb,
  'control.in-use': redial,
  'host.tool-missing': needsPerson,
  'host.no-ppp': needsPerson,
  'host.no-raw-ip': needsPerson,
  'host.port-busy': redial,
  'host.not-permitted': needsPerson,
  'network.no-service': redial,
  'network.denied': waitSlow,
  'network.not-allowed': waitSlow,
  'network.congested': backOff,
  'network.barred': needsPerson,
  'network.failure': redialAndClimb,
  'network.reactivation': redial,
  'network.roaming-disabled': waitSlow,
  'apn.unknown': waitSlow,
  'apn.not-subscribed': waitSlow,
  'apn.not-supported-with-rat': waitSlow,
  'apn.profile-mismatch': waitSlow,
  'bearer.ip-type': waitSlow,
  'bearer.auth-failed': needsPerson,
  'bearer.limit': waitSlow,
  'bearer.no-carrier': redialAndClimb,
  'bearer.no-address': redialAndClimb,
  'ppp.negotiation-failed': redialAndClimb,
  'ppp.peer-silent': redialAndClimb,
  'ppp.peer-dead': redialAndClimb,
  'value.refused': needsPerson,
  'apn.substituted': { reaction: 'keep-link', climbs: false },
  'apn.not-kept': waitSlow,
  'mode.not-offered': needsPerson,
  'mode.unavailable': needsPerson,
  'mode.unread': redial,
  'mode.not-kept': needsPerson,
  'radio-access.unavailable': needsPerson,
  'radio-access.not-kept': needsPerson,
  'bands.unavailable': needsPerson,
  'sim-slot.unavailable': needsPerson,
  'sim-slot.not-kept': needsPerson,
  'bands.unreadable': needsPerson,
  'bands.not-kept': needsPerson,
  'mode.switch-lost': redial,
  'mode.not-by-at': needsPerson,
  'modem.absent': redial,
  'bearer.no-dhcp': redialAndClimb,
  'bearer.no-traffic': redialAndClimb,
  'host.network-refused': redial,
  'modem.at-port-lost': needsPerson,
  'modem.in-boot-mode': needsPerson,
  'host.driver-missing': needsPerson,
  'network.roaming-refused': waitSlow,
  'network.search-timeout': redialAndClimb,
  'pin.none-given': needsPerson,
  'pin.sim-unidentified': needsPerson,
  'pin.counter-unreadable': needsPerson,
  'pin.too-few-tries': needsPerson,
  'pin.refused-before': needsPerson,
  'policy.no-rule': waitSlow,
  'rf.weak': redial,
};

const seconds = 1_000;
const minutes = 60_000;

/** Redial after 5, 10, 20, 40, 60, 60 s (quectel-CM's rhythm), up to a fifth earlier so that a site does not call in step. */
const redialPolicy: BackoffPolicy = { baseMs: 5 * seconds, factor: 2, maxMs: 60 * seconds, jitter: 0.2 };

/** How the tries are spaced. The jitter only shortens, so 12.5 minutes keep the promised ten. */
export const retryPolicies: Readonly<Record<Reaction, BackoffPolicy>> = {
  redial: redialPolicy,
  'back-off': { baseMs: 1.25 * minutes, factor: 2, maxMs: 15 * minutes, jitter: 0.2 },
  'wait-slow': { baseMs: 12.5 * minutes, factor: 2, maxMs: 60 * minutes, jitter: 0.2 },
  'needs-person': { baseMs: 75 * minutes, factor: 1, maxMs: 75 * minutes, jitter: 0.2 },
  'keep-link': { baseMs: 75 * minutes, factor: 1, maxMs: 75 * minutes, jitter: 0.2 },
};

/** A fault that will not pass by trying again: the target counts as failed at once. */
export function isLasting(code: TroubleCode): boolean {
  const { reaction } = reactions[code];
  return reaction !== 'redial' && reaction !== 'back-off';
}
