import type { FailureCode } from '../failure.ts';

/**
 * What QMI numbers mean. The numbers and their names are those of libqmi 1.32 (qmi-errors.h, qmi-enums-wds.h); a number that
 * is not listed counts as refused by the modem.
 */

/** QMI protocol errors (QMI result TLV). 14, CallFailed, is explained by its call end reasons. */
export const qmiProtocolErrors: Readonly<Record<number, FailureCode>> = {
  1: 'control.rejected', // MalformedMessage
  3: 'control.rejected', // Internal
  5: 'control.clients-exhausted', // ClientIdsExhausted
  7: 'control.rejected', // InvalidClientId
  9: 'control.rejected', // InvalidHandle
  10: 'apn.profile-mismatch', // InvalidProfile
  12: 'sim.pin-wrong', // IncorrectPin
  13: 'network.no-service', // NoNetworkFound
  14: 'bearer.no-carrier', // CallFailed
  15: 'bearer.no-carrier', // OutOfCall
  16: 'network.no-service', // NotProvisioned
  23: 'control.in-use', // DeviceInUse
  26: 'control.rejected', // NoEffect; on a stop it means success
  28: 'bearer.ip-type', // InvalidPdpType
  34: 'bearer.auth-failed', // AuthenticationFailed
  35: 'sim.puk-required', // PinBlocked
  36: 'sim.failure', // PinAlwaysBlocked
  37: 'sim.busy', // UimUninitialized
  52: 'network.no-service', // DeviceNotReady
  53: 'network.no-service', // NetworkNotReady
  60: 'modem.radio-locked', // InvalidTransition: FCC lock, W_DISABLE
  64: 'bearer.ip-type', // InvalidIpFamilyPreference
  68: 'network.congested', // InsufficientResources
  71: 'control.rejected', // InvalidQmiCommand
  79: 'apn.profile-mismatch', // PolicyMismatch
  82: 'control.rejected', // AccessDenied
  83: 'modem.radio-locked', // HardwareRestricted
  93: 'modem.radio-off', // NoRadio
  94: 'control.rejected', // NotSupported
  95: 'network.denied', // NoSubscription
  102: 'sim.absent', // NoSim
  118: 'control.in-use', // OperationInProgress
};

/** Plain call end reasons that say no more than the 3GPP cause that they stand for. */
export const qmiCallEndCauses: Readonly<Record<number, number>> = {
  1005: 26,
  1006: 34,
  1008: 36,
  1009: 38,
  1010: 39,
  1012: 8,
  1013: 27,
  1014: 28,
  1015: 30,
  1016: 31,
  1017: 32,
  1018: 33,
};

/** Plain call end reasons without one. */
export const qmiCallEnds: Readonly<Record<number, FailureCode>> = {
  1: 'network.failure', // unspecified
  2: 'bearer.no-carrier', // client-end
  3: 'network.no-service',
  4: 'network.no-service', // fade
  5: 'bearer.no-carrier', // release-normal
  6: 'control.in-use', // access-attempt-in-progress
  7: 'network.failure', // access-failure
  8: 'bearer.no-carrier', // redirection-or-handoff
  9: 'control.in-use', // close-in-progress
  10: 'bearer.auth-failed',
  11: 'network.failure', // internal-error
  1002: 'network.no-service',
  1003: 'bearer.no-carrier', // network-end
  1007: 'control.in-use', // nsapi-already-used
  1034: 'apn.profile-mismatch', // apn-type-conflict
  1035: 'network.no-service', // no-gprs-context
};

/** Verbose call end reasons of type 2, internal to the modem. */
export const qmiInternalEnds: Readonly<Record<number, FailureCode>> = {
  201: 'network.failure', // error
  202: 'bearer.no-carrier', // call-ended
  205: 'control.in-use', // close-in-progress
  206: 'bearer.no-carrier', // network-initiated-termination
  207: 'control.in-use', // app-preempted
  208: 'bearer.ip-type', // pdn-ipv4-call-disallowed
  209: 'network.congested', // pdn-ipv4-call-throttled
  210: 'bearer.ip-type', // pdn-ipv6-call-disallowed
  211: 'network.congested', // pdn-ipv6-call-throttled
  212: 'modem.restarting',
  213: 'bearer.ip-type', // pdp-ppp-not-supported
  214: 'apn.not-supported-with-rat', // unpreferred-rat
  217: 'apn.profile-mismatch', // profile-bearer-incompatible
  218: 'sim.busy', // mmgdsi-card-event
  219: 'modem.radio-off', // lpm-or-power-down
  220: 'apn.unknown', // apn-disabled
  225: 'apn.unknown', // mandatory-apn-disabled
  227: 'bearer.no-carrier', // pdn-inactivity-timer-expired
  228: 'bearer.limit', // max-v4-connections
  229: 'bearer.limit', // max-v6-connections
  230: 'apn.profile-mismatch', // apn-mismatch
  231: 'bearer.ip-type', // ip-version-mismatch
  233: 'apn.profile-mismatch', // invalid-profile
  235: 'apn.profile-mismatch', // invalid-profile-id
  236: 'control.in-use', // call-already-present
  237: 'control.in-use', // interface-in-use
  238: 'bearer.ip-type', // ip-pdp-mismatch
  239: 'network.roaming-disabled', // apn-disallowed-on-roaming
  240: 'apn.profile-mismatch', // apn-parameter-change
  241: 'control.in-use', // interface-in-use-config-match
  242: 'apn.unknown', // null-apn-disallowed
  243: 'modem.too-hot', // thermal-mitigation
  245: 'network.roaming-disabled', // data-settings-disabled
  246: 'network.roaming-disabled', // data-roaming-settings-disabled
  247: 'apn.unknown', // apn-format-invalid
};

/** Verbose call end reasons of type 3, call manager. */
export const qmiCallManagerEnds: Readonly<Record<number, FailureCode>> = {
  1002: 'network.no-service', // no-gateway-service
  1004: 'network.denied', // illegal-ms
  1005: 'network.denied', // illegal-me
  1006: 'network.not-allowed', // gprs-and-non-gprs-services-not-allowed
  1007: 'network.not-allowed', // gprs-services-not-allowed
  1009: 'network.no-service', // implicitly-detached
  1010: 'network.not-allowed', // plmn-not-allowed
  1011: 'network.not-allowed', // la-not-allowed
  1012: 'network.not-allowed', // gprs-services-not-allowed-in-plmn
  1015: 'network.congested', // congestion
  1016: 'bearer.no-carrier', // no-pdp-context-activated
  1020: 'network.not-allowed', // eps-service-not-allowed
  1021: 'network.not-allowed', // tracking-area-not-allowed
  1022: 'network.not-allowed', // roaming-not-allowed-in-tracking-area
  1023: 'network.not-allowed', // no-suitable-cells-in-tracking-area
  1028: 'network.no-service', // emm-detached
  1029: 'network.no-service', // emm-attach-failed
  2000: 'bearer.no-carrier', // client-end
  2001: 'network.no-service',
  2002: 'network.no-service', // fade
  2003: 'bearer.no-carrier', // release-normal
  2004: 'control.in-use', // access-attempt-in-progress
  2005: 'network.failure', // access-failure
  2500: 'modem.radio-off', // offline
  2501: 'network.no-service', // emergency-mode
  2502: 'control.in-use', // phone-in-use
  2503: 'network.no-service', // invalid-mode
  2504: 'sim.failure', // invalid-sim-state
};

/** Verbose call end reasons of type 7, PPP inside the modem. */
export const qmiPppEnds: Readonly<Record<number, FailureCode>> = {
  1: 'ppp.peer-silent',
  2: 'bearer.auth-failed',
  3: 'ppp.negotiation-failed',
  31: 'bearer.auth-failed', // pap-failure
  32: 'bearer.auth-failed', // chap-failure
};
