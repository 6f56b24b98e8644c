/** What a modem or an operator network refused, in a closed vocabulary. The number in brackets is the 3GPP cause (TS 24.008, 24.301). */
export type FailureCode =
  | 'at.timeout' // no final result within the command's bound
  | 'at.port-closed'
  | 'at.rejected' // ERROR, or CME 3, 4, 50: wrong for this modem or firmware
  | 'at.unparsable' // the reply does not have the shape its manual gives
  | 'sim.absent' // CME 10
  | 'sim.pin-required' // CME 11
  | 'sim.puk-required' // CME 12
  | 'sim.failure' // CME 13, 15
  | 'sim.busy' // CME 14
  | 'sim.pin-wrong' // CME 16
  | 'network.no-service' // CME 30, 31, 32
  | 'network.denied' // CREG 3, CME 103 (3), 106 (6)
  | 'network.not-allowed' // CME 107 (7), 111 to 115 (11 to 15)
  | 'network.congested' // CME 117 (17), 122 (22), 126 (26)
  | 'network.barred' // CME 177 (8)
  | 'network.failure' // (38), CME 130, 131, 134
  | 'network.reactivation' // (39)
  | 'apn.unknown' // CME 127 (27)
  | 'apn.not-subscribed' // CME 133 (33)
  | 'apn.not-supported-with-rat' // CME 179 (66)
  | 'bearer.ip-type' // CME 128 (28), 192 to 194 (50 to 52)
  | 'bearer.auth-failed' // CME 129 (29), 149
  | 'bearer.limit' // CME 178 (65)
  | 'bearer.no-carrier'
  | 'bearer.no-address'
  | 'value.refused'; // our own encoder refused to build the command

/** A failure with the modem's own lines, oldest first, as evidence. Secrets never appear in them. */
export interface ModemFailure {
  readonly code: FailureCode;
  /** 3GPP cause number, when the modem told one. */
  readonly cause?: number;
  readonly evidence: readonly string[];
}

/** What an operation on a modem gives: expected failures are values, not exceptions. */
export type Reading<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly failure: ModemFailure };
