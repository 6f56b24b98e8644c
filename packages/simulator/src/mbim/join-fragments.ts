import type { MbimFragment } from './mbim-message.ts';

/** Errors of MBIM 1.0 table 9-11 that fragments give rise to. */
export type FragmentError = 2 | 3;

export type Joined =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'whole'; readonly payload: Uint8Array }
  | { readonly kind: 'error'; readonly code: FragmentError };

const outOfSequence = 2;
const lengthMismatch = 3;
/** No command is longer, in bytes. */
const longest = 65_536;

/** Puts the fragments of one command after the other together. */
export interface FragmentJoiner {
  take(fragment: MbimFragment): Joined;
}

export function createFragmentJoiner(): FragmentJoiner {
  let parts: Uint8Array[] = [];
  let transaction = -1;
  const reset = (code: FragmentError): Joined => {
    parts = [];
    return { kind: 'error', code };
  };
  return {
    take(fragment) {
      if (fragment.current === 0) {
        parts = [];
        transaction = fragment.transaction;
      }
      if (fragment.transaction !== transaction || fragment.current !== parts.length || fragment.current >= fragment.total)
        return reset(outOfSequence);
      parts.push(fragment.payload);
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      if (length > longest) return reset(lengthMismatch);
      if (parts.length < fragment.total) return { kind: 'waiting' };
      const payload = new Uint8Array(length);
      let at = 0;
      for (const part of parts) {
        payload.set(part, at);
        at += part.length;
      }
      parts = [];
      return { kind: 'whole', payload };
    },
  };
}
