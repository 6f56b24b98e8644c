/** What is known of a device's session. */
export interface PresenceState {
  readonly online: boolean;
  /** Connection number of the session last heard of. */
  readonly connection: number;
  readonly boot: string | null;
}

export type PresenceEvent =
  | { readonly kind: 'hello'; readonly connection: number; readonly boot: string }
  | { readonly kind: 'presence'; readonly connection: number; readonly online: boolean };

/**
 * The order of a last will and of the session that took over differs between brokers, so numbers decide: what an older
 * connection says changes nothing. A device that lost count (a wiped state directory) begins anew with another boot.
 */
export function decidePresence(state: PresenceState, event: PresenceEvent): PresenceState {
  if (event.kind === 'hello') {
    const stale = event.connection < state.connection && event.boot === state.boot;
    return stale ? state : { online: true, connection: event.connection, boot: event.boot };
  }
  if (event.connection < state.connection) return state;
  return { ...state, online: event.online, connection: event.connection };
}
