import type { SimSlot } from '@towline/modem';
import type { Decision, Situation } from '../decision.ts';
import type { TroubleCode } from '../reactions.ts';
import type { Standing } from './moves.ts';
import { type Reach, slotKey } from './transaction.ts';

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

/** What says, besides, that the SIM in the other slot will not do: the one that the gateway came from is better than any wait. */
const refutingSim: ReadonlySet<TroubleCode> = new Set([
  'sim.absent',
  'sim.failure',
  'sim.pin-required',
  'sim.pin-wrong',
  'sim.puk-required',
  'pin.none-given',
  'pin.sim-unidentified',
  'pin.counter-unreadable',
  'pin.too-few-tries',
  'pin.refused-before',
  'network.denied',
  'sim-slot.not-kept',
]);

/** How far the network behind the bearer was seen; where nothing is probed the read-back has to do. */
export function reachOf({ host, observed, memory }: Pick<Situation, 'host' | 'observed' | 'memory'>): Reach {
  if (!host || host.probeEveryMs === null || observed.bearer?.settings === null) return 'witnessed';
  return memory.probed?.ok ? 'witnessed' : 'none';
}

/**
 * How a modem stands to the configuration that it is being brought to.
 * @param reach how far its bearer was seen to go @param newSlot the SIM slot that the change goes to; null: it stays in its own
 */
export function standingOf({ connection, fault }: Decision, reach: Reach, newSlot: SimSlot | null): Standing {
  if (fault && refuting.has(fault.code)) return { kind: 'refuted', refusal: fault };
  if (fault && newSlot !== null && refutingSim.has(fault.code)) {
    return { kind: 'refuted', refusal: { ...fault, evidence: [slotKey(newSlot), ...fault.evidence] } };
  }
  return connection === 'verified' ? { kind: 'agrees', reach } : { kind: 'underway' };
}
