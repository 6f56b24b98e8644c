import type { AuthMethod, Bands, DataMode, IpType, PinTry, RadioAccess, SimSlot } from '@towline/modem';
import type { HostStep } from './host-network/host-network.ts';
import type { TroubleCode } from './reactions.ts';

/**
 * One action of a plan, as JSON and without secrets: the executor takes PIN and password from the resolved rule.
 * `cutsLink`: the bearer goes down, or may. `changesDialling`: what is dialled with becomes another thing, so the step belongs
 * inside a transaction; re-establishing what was there before does not.
 */
export type Step =
  | { readonly kind: 'reopen-port'; readonly cutsLink: false; readonly changesDialling: false }
  | { readonly kind: 'radio-on'; readonly cutsLink: false; readonly changesDialling: false }
  /** Rung of the ladder: leaves the packet domain and comes back. */
  | { readonly kind: 'reattach'; readonly cutsLink: true; readonly changesDialling: false }
  /** `because` the attach context was written (it only counts from the next attach) or as a rung of the ladder. */
  | {
      readonly kind: 'cycle-radio';
      readonly because: 'context-written' | 'ladder';
      readonly cutsLink: true;
      readonly changesDialling: false;
    }
  /** Gives a modem that shows no AT port one by its control port, and restarts it. Reads first, and writes only what differs. */
  | {
      readonly kind: 'restore-at-port';
      readonly controlPath: string;
      readonly over: 'qmi' | 'mbim';
      readonly cutsLink: true;
      readonly changesDialling: false;
    }
  /** Takes the configuration of this USB device away and gives it back; no other device is touched. */
  | { readonly kind: 'reset-usb'; readonly usbPath: string; readonly cutsLink: true; readonly changesDialling: false }
  /** Unbinds the interfaces of this USB device from their drivers and binds them again; the drivers stay loaded. */
  | { readonly kind: 'reload-drivers'; readonly usbPath: string; readonly cutsLink: true; readonly changesDialling: false }
  /** Runs the command that the configuration has for this modem's power. */
  | { readonly kind: 'cycle-power'; readonly cutsLink: true; readonly changesDialling: false }
  /** The attempt is on flash before it is made. */
  | { readonly kind: 'reboot-host'; readonly because: TroubleCode; readonly cutsLink: true; readonly changesDialling: false }
  | {
      readonly kind: 'reset-modem';
      readonly because: 'ladder' | 'sim' | 'job' | 'mode-switch';
      readonly cutsLink: true;
      readonly changesDialling: false;
    }
  /** Puts the try on flash, before it is made. */
  | {
      readonly kind: 'journal-pin';
      readonly entry: PinTry;
      readonly cutsLink: false;
      readonly changesDialling: false;
    }
  | {
      readonly kind: 'enter-pin';
      readonly iccid: string;
      readonly pinHash: string;
      readonly cutsLink: false;
      readonly changesDialling: false;
    }
  | {
      readonly kind: 'write-context';
      readonly contextId: number;
      readonly apn: string;
      readonly ipType: IpType;
      readonly auth: AuthMethod;
      readonly cutsLink: false;
      readonly changesDialling: boolean;
    }
  | {
      readonly kind: 'hang-up';
      readonly contextId: number;
      readonly mode: DataMode;
      readonly because: HangUpReason;
      readonly cutsLink: true;
      readonly changesDialling: boolean;
    }
  /** Loads the drivers that a modem waits for; `like`: an id that the kernel lists, where it does not list this one. */
  | {
      readonly kind: 'bind-drivers';
      readonly drivers: readonly string[];
      readonly vidPid: string;
      readonly like: string | null;
      readonly cutsLink: false;
      readonly changesDialling: false;
    }
  /** Writes only what differs; `appliedBy` of the model says what brings it into force. */
  | { readonly kind: 'write-data-mode'; readonly mode: DataMode; readonly cutsLink: true; readonly changesDialling: true }
  /** Keeps the modem to one radio technology, or to none: it leaves the network that it is on and searches. */
  | { readonly kind: 'write-radio-access'; readonly access: RadioAccess; readonly cutsLink: true; readonly changesDialling: true }
  /** Keeps the modem to bands of the technologies that are named, with the same effect. */
  | { readonly kind: 'write-bands'; readonly bands: Bands; readonly cutsLink: true; readonly changesDialling: true }
  /** Uses the SIM of the other slot. */
  | { readonly kind: 'write-sim-slot'; readonly slot: SimSlot; readonly cutsLink: true; readonly changesDialling: true }
  | {
      /** Asks the DHCP server of the modem's network function for an address. */
      readonly kind: 'lease-address';
      readonly interface: string;
      readonly cutsLink: false;
      readonly changesDialling: false;
    }
  | {
      /** Brings the host's network in line with the bearer, or takes a bearer that is down out of it. */
      readonly kind: 'configure-host';
      readonly changes: readonly HostStep[];
      readonly cutsLink: false;
      readonly changesDialling: false;
    }
  | {
      /** Looks whether anything comes back over the bearer. `bearer` names it for the memory. */
      readonly kind: 'probe-bearer';
      readonly bearer: string;
      readonly interface: string;
      readonly slot: number;
      readonly resolvers: readonly string[];
      readonly gateways: readonly string[];
      readonly cutsLink: false;
      readonly changesDialling: false;
    }
  | {
      readonly kind: 'dial';
      readonly contextId: number;
      readonly mode: DataMode;
      readonly apn: string;
      readonly cutsLink: false;
      readonly changesDialling: boolean;
    };

/** Why a bearer is taken down; the middle ones end a dial that was in vain. */
export type HangUpReason = 'profile-changed' | 'attached-before' | 'no-address' | 'no-dhcp' | 'no-traffic' | 'roaming' | 'job';

export type StepKind = Step['kind'];
