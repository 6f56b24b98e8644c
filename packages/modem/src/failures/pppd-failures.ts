import type { FailureCode } from '../failure.ts';

/** What an exit code of pppd means (pppd(8), EXIT STATUS). 8 is explained by what chat said, 10 by whether LCP was ever answered. */
export const pppdExits: Readonly<Record<number, FailureCode>> = {
  0: 'bearer.no-carrier', // ended as asked, but not by us
  1: 'host.not-permitted', // fatal error of the host: a system call failed
  2: 'value.refused', // options
  3: 'host.not-permitted', // not root
  4: 'host.no-ppp',
  5: 'bearer.no-carrier', // ended by a signal that was not ours
  6: 'host.port-busy', // locked
  7: 'at.port-closed', // did not open
  8: 'bearer.no-carrier', // connect script failed
  9: 'host.not-permitted', // pty script
  10: 'ppp.negotiation-failed',
  11: 'bearer.auth-failed', // the peer did not authenticate itself
  12: 'bearer.no-carrier', // idle
  13: 'bearer.no-carrier', // connect time over
  14: 'ppp.negotiation-failed', // callback
  15: 'ppp.peer-dead',
  16: 'bearer.no-carrier', // hang-up by the modem
  17: 'ppp.negotiation-failed', // loop-back: the modem echoes, there is no peer
  18: 'host.not-permitted', // init script
  19: 'bearer.auth-failed', // we did not authenticate ourselves to the peer
};
