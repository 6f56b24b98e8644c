import { isAccessPointName } from './access-point-name.ts';

/** A typed value of a command line. What each kind allows is all that can ever be sent. */
export type AtArgument =
  /** A whole number from `min` to `max`. */
  | { readonly kind: 'number'; readonly value: number; readonly min: number; readonly max: number }
  /** A word written out in the source, sent in quotes: `"usbnet"`, `"IP"`. */
  | { readonly kind: 'keyword'; readonly value: string }
  /** A code out of a model file, sent bare: `10D`, `usbid`. */
  | { readonly kind: 'code'; readonly value: string }
  /** Whole numbers with colons between, sent bare: `1:3:20`. */
  | { readonly kind: 'numbers'; readonly values: readonly number[] }
  /** An access point name of TS 23.003; empty asks for the subscription's default. */
  | { readonly kind: 'apn'; readonly value: string }
  /** A user name: printable ASCII without quotes and backslashes, up to 127 characters. */
  | { readonly kind: 'username'; readonly value: string }
  /** The same rule as a user name, and never shown. */
  | { readonly kind: 'password'; readonly value: string }
  /** 4 to 8 digits (TS 31.101), never shown. */
  | { readonly kind: 'pin'; readonly value: string };

export interface EncodedArgument {
  readonly text: string;
  /** The value that must not be shown; absent for what may be. */
  readonly secret?: string;
}

// A backslash begins a hexadecimal escape in V.250 strings (clause 5.4.2.2), so it could smuggle in a quote.
const credential = /^[\x20-\x21\x23-\x5b\x5d-\x7e]{0,127}$/;

function quoted(value: string, rule: RegExp): EncodedArgument | null {
  return rule.test(value) ? { text: `"${value}"` } : null;
}

function hidden(value: string, rule: RegExp): EncodedArgument | null {
  return rule.test(value) ? { text: `"${value}"`, secret: value } : null;
}

/** The argument as it stands in the command line, or null when it breaks its rule. */
export function encodeArgument(argument: AtArgument): EncodedArgument | null {
  switch (argument.kind) {
    case 'number': {
      const { value, min, max } = argument;
      return Number.isInteger(value) && value >= min && value <= max ? { text: String(value) } : null;
    }
    case 'keyword':
      return quoted(argument.value, /^[A-Za-z0-9_-]{1,32}$/);
    case 'code':
      return /^[A-Za-z0-9]{1,32}$/.test(argument.value) ? { text: argument.value } : null;
    case 'numbers': {
      const isFit =
        argument.values.length > 0 && argument.values.length <= 64 && argument.values.every((value) => /^\d{1,5}$/.test(`${value}`));
      return isFit ? { text: argument.values.join(':') } : null;
    }
    case 'apn':
      return isAccessPointName(argument.value) ? { text: `"${argument.value}"` } : null;
    case 'username':
      return quoted(argument.value, credential);
    case 'pin':
      return hidden(argument.value, /^[0-9]{4,8}$/);
    default:
      return hidden(argument.value, credential);
  }
}
