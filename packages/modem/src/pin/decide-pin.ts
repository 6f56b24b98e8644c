import type { Sim } from '../driver.ts';

/** One try of a PIN, as it stands on flash. The hash is the caller's, salted per device; the PIN itself is never stored. */
export interface PinTry {
  readonly iccid: string;
  readonly pinHash: string;
  /** The SIM's counter when the try was journalled. */
  readonly triesLeft: number;
  /** `pending`: journalled, and the answer is not known, as after a power cut. */
  readonly outcome: 'pending' | 'accepted' | 'refused';
}

export type PinDecision =
  /** The SIM asks for no PIN. */
  | { readonly kind: 'not-needed' }
  /** The try is on flash already: send it, then journal how it ended. */
  | { readonly kind: 'send' }
  /** Write this to flash, make sure it is there, then decide again. */
  | { readonly kind: 'journal-first'; readonly entry: PinTry }
  | {
      readonly kind: 'needs-person';
      readonly code:
        | 'pin.none-given'
        | 'pin.sim-unidentified'
        | 'pin.counter-unreadable'
        | 'pin.too-few-tries'
        | 'pin.refused-before'
        | 'sim.puk-required';
    };

/** The fewest tries a SIM must have left before software may use one: one for the mistake, two for the person. */
const fewestTries = 3;

/**
 * Whether a PIN may be sent. Three wrong ones block a SIM that stands on a mast, so every doubt goes to a person.
 * @param pinHash of the PIN that a rule for this device or this ICCID names; null without such a rule.
 */
export function decidePin(sim: Sim, pinHash: string | null, tries: readonly PinTry[]): PinDecision {
  if (sim.state === 'puk-required') return { kind: 'needs-person', code: 'sim.puk-required' };
  if (sim.state !== 'pin-required') return { kind: 'not-needed' };
  const { iccid, pinTriesLeft } = sim;
  if (pinHash === null) return { kind: 'needs-person', code: 'pin.none-given' };
  if (iccid === null) return { kind: 'needs-person', code: 'pin.sim-unidentified' };
  if (pinTriesLeft === null) return { kind: 'needs-person', code: 'pin.counter-unreadable' };
  if (pinTriesLeft < fewestTries) return { kind: 'needs-person', code: 'pin.too-few-tries' };
  const pair = tries.filter((entry) => entry.iccid === iccid && entry.pinHash === pinHash);
  // A pending try whose SIM now has fewer tries was refused, though nobody lived to write it down.
  const refused = (entry: PinTry): boolean =>
    entry.outcome === 'refused' || (entry.outcome === 'pending' && entry.triesLeft > pinTriesLeft);
  if (pair.some(refused)) return { kind: 'needs-person', code: 'pin.refused-before' };
  if (pair.some((entry) => entry.outcome === 'pending')) return { kind: 'send' };
  return { kind: 'journal-first', entry: { iccid, pinHash, triesLeft: pinTriesLeft, outcome: 'pending' } };
}
