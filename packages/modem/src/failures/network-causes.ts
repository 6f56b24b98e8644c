import type { FailureCode } from '../failure.ts';

/** One reason for which a network says no, in every form that modems tell it in. */
export interface NetworkCause {
  /** 3GPP TS 24.008 clauses 10.5.5.14 and 10.5.6.6, TS 24.301 clauses 9.9.3.9 and 9.9.4.4. */
  readonly cause: number;
  /** `+CME ERROR:` number of 3GPP TS 27.007 clause 9.2.2, where there is one. */
  readonly cme?: number;
  readonly code: FailureCode;
  /** What `AT+CEER` or a verbose CME error says, lower case, any of them as a part. */
  readonly texts: readonly string[];
}

/** Which refusal means what. The meanings agree with ModemManager's src/mm-error-helpers.c. */
export const networkCauses: readonly NetworkCause[] = [
  { cause: 3, cme: 103, code: 'network.denied', texts: ['illegal ms', 'illegal ue'] },
  { cause: 6, cme: 106, code: 'network.denied', texts: ['illegal me'] },
  { cause: 7, cme: 107, code: 'network.not-allowed', texts: ['services not allowed'] },
  { cause: 8, cme: 177, code: 'network.barred', texts: ['operator determined barring'] },
  { cause: 11, cme: 111, code: 'network.not-allowed', texts: ['plmn not allowed'] },
  { cause: 12, cme: 112, code: 'network.not-allowed', texts: ['location area not allowed', 'tracking area not allowed'] },
  { cause: 13, cme: 113, code: 'network.not-allowed', texts: ['roaming not allowed'] },
  { cause: 14, cme: 114, code: 'network.not-allowed', texts: ['services not allowed in this plmn'] },
  { cause: 15, cme: 115, code: 'network.not-allowed', texts: ['no suitable cells'] },
  { cause: 17, cme: 117, code: 'network.congested', texts: ['network failure'] },
  { cause: 22, cme: 122, code: 'network.congested', texts: ['congestion'] },
  { cause: 26, cme: 126, code: 'network.congested', texts: ['insufficient resources'] },
  { cause: 27, cme: 127, code: 'apn.unknown', texts: ['missing or unknown apn', 'unknown apn'] },
  { cause: 28, cme: 128, code: 'bearer.ip-type', texts: ['unknown pdp address', 'unknown pdp type', 'unknown pdn type'] },
  { cause: 29, cme: 129, code: 'bearer.auth-failed', texts: ['user authentication failed', 'pdp authentication failure'] },
  { cause: 29, cme: 149, code: 'bearer.auth-failed', texts: [] },
  { cause: 30, cme: 130, code: 'network.failure', texts: ['rejected by ggsn', 'rejected by serving gw', 'rejected by serving gateway'] },
  { cause: 31, cme: 131, code: 'network.failure', texts: ['activation rejected, unspecified', 'request rejected, unspecified'] },
  { cause: 32, cme: 132, code: 'apn.not-subscribed', texts: ['service option not supported'] },
  { cause: 33, cme: 133, code: 'apn.not-subscribed', texts: ['option not subscribed', 'service option unsubscribed'] },
  { cause: 34, cme: 134, code: 'network.failure', texts: ['temporarily out of order'] },
  { cause: 36, code: 'bearer.no-carrier', texts: ['regular deactivation'] },
  { cause: 38, code: 'network.failure', texts: [] },
  { cause: 39, code: 'network.reactivation', texts: ['reactivation requested'] },
  { cause: 50, cme: 192, code: 'bearer.ip-type', texts: ['ipv4 only allowed'] },
  { cause: 51, cme: 193, code: 'bearer.ip-type', texts: ['ipv6 only allowed'] },
  { cause: 52, cme: 194, code: 'bearer.ip-type', texts: ['single address bearers only'] },
  { cause: 65, cme: 178, code: 'bearer.limit', texts: ['maximum number of bearers', 'maximum number of eps bearers'] },
  { cause: 66, cme: 179, code: 'apn.not-supported-with-rat', texts: ['apn not supported in current rat'] },
];

/** `+CME ERROR:` numbers that come from the modem or its SIM rather than from a network (TS 27.007 clause 9.2.1). */
export const equipmentErrors: readonly { readonly cme: number; readonly code: FailureCode; readonly text: string }[] = [
  { cme: 3, code: 'at.rejected', text: 'operation not allowed' },
  { cme: 4, code: 'at.rejected', text: 'operation not supported' },
  { cme: 10, code: 'sim.absent', text: 'sim not inserted' },
  { cme: 11, code: 'sim.pin-required', text: 'sim pin required' },
  { cme: 12, code: 'sim.puk-required', text: 'sim puk required' },
  { cme: 13, code: 'sim.failure', text: 'sim failure' },
  { cme: 14, code: 'sim.busy', text: 'sim busy' },
  { cme: 15, code: 'sim.failure', text: 'sim wrong' },
  { cme: 16, code: 'sim.pin-wrong', text: 'incorrect password' },
  { cme: 30, code: 'network.no-service', text: 'no network service' },
  { cme: 31, code: 'network.no-service', text: 'network timeout' },
  { cme: 32, code: 'network.no-service', text: 'network not allowed - emergency calls only' },
  { cme: 50, code: 'at.rejected', text: 'incorrect parameters' },
];
