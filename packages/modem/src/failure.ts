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
  | 'modem.radio-off' // QMI internal 219, CM 2500; MBIM RadioPowerOff
  | 'modem.radio-locked' // QMI error 60 on going online: FCC lock, W_DISABLE, firmware mismatch
  | 'modem.restarting' // QMI internal 212
  | 'modem.too-hot' // QMI internal 243
  | 'mode.not-offered' // the firmware's own list (`=?`) has no such data mode
  | 'control.timeout' // the QMI or MBIM control port did not answer within its bound
  | 'control.port-closed' // it went away
  | 'control.rejected' // it refused the request
  | 'control.unparsable' // the tool said something that it never says
  | 'control.clients-exhausted' // QMI error 5: client ids leaked
  | 'control.in-use' // QMI internal 236, 237; MBIM Busy: another call or manager holds it
  | 'host.tool-missing' // qmicli, mbimcli, pppd or ip is not installed
  | 'host.no-ppp' // pppd 4: the kernel has no PPP
  | 'host.no-raw-ip' // kernel before 4.5, and a modem that speaks raw IP only
  | 'host.port-busy' // pppd 6: another process locked the port
  | 'host.not-permitted' // pppd 3; sysfs refused the write
  | 'network.no-service' // CME 30, 31, 32
  | 'network.denied' // CREG 3, CME 103 (3), 106 (6)
  | 'network.not-allowed' // CME 107 (7), 111 to 115 (11 to 15)
  | 'network.congested' // CME 117 (17), 122 (22), 126 (26)
  | 'network.barred' // CME 177 (8)
  | 'network.failure' // (38), CME 130, 131, 134
  | 'network.reactivation' // (39)
  | 'network.roaming-disabled' // QMI internal 239, 246: the modem itself forbids data abroad
  | 'apn.unknown' // CME 127 (27)
  | 'apn.not-subscribed' // CME 133 (33)
  | 'apn.not-supported-with-rat' // CME 179 (66)
  | 'apn.profile-mismatch' // QMI internal 217, 230: the profile in the modem does not go with the call
  | 'bearer.ip-type' // CME 128 (28), 192 to 194 (50 to 52)
  | 'bearer.auth-failed' // CME 129 (29), 149
  | 'bearer.limit' // CME 178 (65)
  | 'bearer.no-carrier'
  | 'bearer.no-address'
  | 'ppp.negotiation-failed' // pppd 10
  | 'ppp.peer-silent' // pppd 10 with LCP never answered
  | 'ppp.peer-dead' // pppd 15: LCP echoes stopped
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
