import type { AuthMethod, DataMode, IpType, PinTry } from '@towline/modem';

/**
 * One action of a plan, as JSON and without secrets: the executor takes PIN and password from the resolved rule.
 * `cutsLink`: the bearer goes down, or may. `changesDialling`: what is dialled with becomes another thing, so the step belongs
 * inside a transaction; re-establishing what was there before does not.
 */
export type Step =
  | { readonly kind: 'reopen-port'; readonly cutsLink: false; readonly changesDialling: false }
  | { readonly kind: 'radio-on'; readonly cutsLink: false; readonly changesDialling: false }
  /** `because` the attach context was written (it only counts from the next attach) or as a rung of the ladder. */
  | {
      readonly kind: 'cycle-radio';
      readonly because: 'context-written' | 'ladder';
      readonly cutsLink: true;
      readonly changesDialling: false;
    }
  | { readonly kind: 'reset-modem'; readonly because: 'ladder' | 'sim' | 'job'; readonly cutsLink: true; readonly changesDialling: false }
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
      readonly because: 'profile-changed' | 'no-address' | 'roaming' | 'job';
      readonly cutsLink: true;
      readonly changesDialling: boolean;
    }
  | {
      readonly kind: 'dial';
      readonly contextId: number;
      readonly mode: DataMode;
      readonly apn: string;
      readonly cutsLink: false;
      readonly changesDialling: boolean;
    };

export type StepKind = Step['kind'];
