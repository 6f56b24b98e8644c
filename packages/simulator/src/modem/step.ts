import type { ModemState, PortRole } from './modem-state.ts';

/** What happens next to a modem besides its new state. */
export type Effect =
  /** A line that nobody asked for; on the AT port, where it is open. */
  | { readonly kind: 'unsolicited'; readonly line: string; readonly afterMs?: number }
  /** Ports go away and the modem boots. */
  | { readonly kind: 'restart' }
  /** Look at the registration again, in so many milliseconds. */
  | { readonly kind: 'look-for-network'; readonly afterMs: number }
  /** The PPP call ended: NO CARRIER and back to command mode. */
  | { readonly kind: 'no-carrier'; readonly role: PortRole }
  /** A data call began on this context. */
  | { readonly kind: 'dialled'; readonly contextId: number };

export interface Step {
  readonly state: ModemState;
  readonly effects: readonly Effect[];
}

/** Runs one step after another, gathering the effects. */
export function followedBy(step: Step, next: (state: ModemState) => Step): Step {
  const second = next(step.state);
  return { state: second.state, effects: [...step.effects, ...second.effects] };
}
