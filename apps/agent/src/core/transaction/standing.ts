import type { Decision } from '../decision.ts';
import type { TroubleCode } from '../reactions.ts';
import type { Standing } from './moves.ts';
import type { Reach } from './transaction.ts';

/** What says that this configuration will not do, however long it is tried; all else may pass before the deadline. */
const refuting: ReadonlySet<TroubleCode> = new Set([
  'apn.unknown',
  'apn.not-subscribed',
  'apn.not-supported-with-rat',
  'apn.substituted',
  'apn.not-kept',
  'bearer.ip-type',
  'bearer.auth-failed',
  'bearer.limit',
  'bands.unavailable',
  'bands.not-kept',
  'mode.unavailable',
  'mode.not-by-at',
  'mode.not-kept',
  'network.roaming-refused',
  'radio-access.unavailable',
  'radio-access.not-kept',
  'value.refused',
]);

/** How a modem stands to the configuration that it is being brought to. @param reach how far its bearer was seen to go */
export function standingOf({ connection, fault }: Decision, reach: Reach): Standing {
  if (fault && refuting.has(fault.code)) return { kind: 'refuted', refusal: fault };
  return connection === 'verified' ? { kind: 'agrees', reach } : { kind: 'underway' };
}
