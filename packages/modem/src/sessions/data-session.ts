import type { BearerSettings, DialRequest } from '../driver.ts';
import type { Reading } from '../failure.ts';

/** What a data session is at this moment. */
export interface SessionState {
  readonly active: boolean;
  readonly settings: BearerSettings;
}

/** A data connection that a stock tool of the host makes: qmicli, mbimcli or pppd. */
export interface DataSession {
  /** Starting a session that is up starts it anew. */
  dial(request: DialRequest): Promise<Reading<void>>;
  /** Idempotent. */
  hangUp(): Promise<Reading<void>>;
  read(): Promise<Reading<SessionState>>;
  /** Lets go of what only lives as long as its owner (pppd); QMI and MBIM sessions outlive the agent and are found again. */
  close(): Promise<void>;
}

/** Settings of a session that is down. */
export function noSettings(netInterface: string | null): BearerSettings {
  return { addressing: 'none', interface: netInterface, addresses: [], dns: [], mtu: null };
}
