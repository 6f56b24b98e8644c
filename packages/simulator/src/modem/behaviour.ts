import type { DataMode } from '@towline/modem';

/** A way in which a simulated modem misbehaves. Any of them can begin and end at any time; several hold together. */
export type Behaviour =
  /** Takes bytes and says nothing, neither echo nor reply; with `to` only for commands of that name (`+CSQ`). */
  | { readonly kind: 'silent'; readonly to?: string }
  /** Every reply comes `byMs` later than it would; with `to` only for commands of that name. */
  | { readonly kind: 'late'; readonly byMs: number; readonly to?: string }
  /** Loses and doubles bytes on their way to the host; shares are 0 to 1 per byte. */
  | { readonly kind: 'garbled'; readonly dropShare: number; readonly doubleShare: number }
  /** Sends a binary `%DBG` frame on every open port each `everyMs`, as a Unisoc module does on its log port. */
  | { readonly kind: 'debug-frames'; readonly everyMs: number }
  /** The card lost contact: SIM commands get CME 10 until this ends. */
  | { readonly kind: 'sim-lost' }
  /** The SIM says busy (CME 14) until this ends. */
  | { readonly kind: 'sim-busy' }
  /** Writing AT+CFUN restarts the modem instead, without an answer. */
  | { readonly kind: 'reboots-on-cfun' }
  /** The network refuses registration (status 3), whatever the operator's rules say. */
  | { readonly kind: 'denies-registration' }
  /** Takes the dial command, and from then on answers nothing on any port until a reset from outside. */
  | { readonly kind: 'hangs-after-dial' }
  /** The bearer is lost `afterMs` after each dial: NO CARRIER on the PPP port, a link-down line elsewhere. */
  | { readonly kind: 'drops-carrier'; readonly afterMs: number }
  /** Any dial is answered with this 3GPP cause, whatever the network would say. */
  | { readonly kind: 'refuses-dial'; readonly cause: number }
  /** Any command is answered with ERROR; with `to` only those of that name. */
  | { readonly kind: 'refuses-command'; readonly to?: string }
  /** Its firmware has these data modes only: its lists name no other, and to write one is an error. */
  | { readonly kind: 'offers-modes'; readonly modes: readonly DataMode[] }
  /**
   * The QMI control channel answers nothing; with `to` only requests of that service (`WDS`). With `until` it ends when a host takes the
   * USB configuration away, as a reset through `authorized` does; a restart of the modem mends nothing then. Composed.
   */
  | { readonly kind: 'qmi-silent'; readonly to?: string; readonly until?: 'unconfigured' }
  /** Every QMI answer comes `byMs` later; with `to` only those of that service. */
  | { readonly kind: 'qmi-late'; readonly byMs: number; readonly to?: string }
  /** The MBIM control channel answers nothing, an open neither. */
  | { readonly kind: 'mbim-silent' }
  /** Every MBIM answer comes `byMs` later. */
  | { readonly kind: 'mbim-late'; readonly byMs: number }
  /** The radio stays in low power until FCC authentication, as in modems that a laptop maker bought. */
  | { readonly kind: 'fcc-locked' }
  /** The bearer stays up and carries nothing, in neither direction. */
  | { readonly kind: 'black-hole' }
  /** The DHCP server behind the network function answers nothing. */
  | { readonly kind: 'no-dhcp' }
  /** After CONNECT the PPP peer never says a word. */
  | { readonly kind: 'lcp-silent' }
  /** From `afterMs` after the peer's network phase began (0 without it) it answers nothing, LCP echoes neither. */
  | { readonly kind: 'lcp-black-hole'; readonly afterMs?: number }
  /** The peer terminates the link by LCP `afterMs` after its network phase began, and hangs up. */
  | { readonly kind: 'lcp-terminates'; readonly afterMs: number }
  /** Bad wiring: every USB transfer ends in a protocol error (-71), so that a host cannot even enumerate. */
  | { readonly kind: 'usb-errors' };

export type BehaviourKind = Behaviour['kind'];

/** The misbehaviours in force. */
export interface BehaviourSet {
  add(behaviour: Behaviour): () => void;
  /** The first one of this kind that holds for a command (or for all). */
  find<Kind extends BehaviourKind>(kind: Kind, command?: string): Extract<Behaviour, { kind: Kind }> | undefined;
  /** A host took the USB configuration away: what lasts until then ends. */
  unconfigured(): void;
  readonly size: number;
}

function isOfKind<Kind extends BehaviourKind>(behaviour: Behaviour, kind: Kind): behaviour is Extract<Behaviour, { kind: Kind }> {
  return behaviour.kind === kind;
}

function concerns(behaviour: Behaviour, command: string | undefined): boolean {
  if (!('to' in behaviour) || behaviour.to === undefined) return true;
  return command !== undefined && behaviour.to.toUpperCase() === command;
}

/** @see BehaviourSet */
export function createBehaviourSet(initial: readonly Behaviour[]): BehaviourSet {
  // Not allocated before it is needed: ten thousand modems live in one process.
  let active: readonly Behaviour[] = initial;
  return {
    add(behaviour) {
      active = [...active, behaviour];
      return () => {
        active = active.filter((one) => one !== behaviour);
      };
    },
    unconfigured() {
      active = active.filter((one) => !('until' in one && one.until === 'unconfigured'));
    },
    find(kind, command) {
      for (const behaviour of active) if (isOfKind(behaviour, kind) && concerns(behaviour, command)) return behaviour;
      return undefined;
    },
    get size() {
      return active.length;
    },
  };
}
