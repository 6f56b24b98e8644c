import type { Hello } from '@towline/protocol';
import * as z from 'zod/mini';

export type Fingerprint = Hello['fingerprint'];

export const fingerprintSchema = z.object({ boardSerial: z.nullable(z.string()), imeis: z.array(z.string()) });

/** What is known of the hardware behind one identity. */
export interface FingerprintMemory {
  readonly current: Fingerprint | null;
  /** The one that contradicted `current` before it. */
  readonly before: Fingerprint | null;
}

/** Whether two can't be the same gateway. A modem that hasn't answered yet contradicts nothing. */
export function contradicts(left: Fingerprint, right: Fingerprint): boolean {
  if (left.boardSerial !== null && right.boardSerial !== null) return left.boardSerial !== right.boardSerial;
  if (left.imeis.length === 0 || right.imeis.length === 0) return false;
  return !left.imeis.some((imei) => right.imeis.includes(imei));
}

/** The richer of two that agree: an answer doesn't become unknown again. */
function merge(known: Fingerprint, heard: Fingerprint): Fingerprint {
  return { boardSerial: heard.boardSerial ?? known.boardSerial, imeis: heard.imeis.length > 0 ? heard.imeis : known.imeis };
}

/**
 * A swapped board contradicts once and stays; two gateways that take turns under one identity come back: a clone.
 * @returns the new memory, and whether a clone has just shown itself
 */
export function recogniseFingerprint(memory: FingerprintMemory, heard: Fingerprint): { memory: FingerprintMemory; clone: boolean } {
  const { current, before } = memory;
  if (current === null) return { memory: { current: heard, before }, clone: false };
  if (!contradicts(current, heard)) return { memory: { current: merge(current, heard), before }, clone: false };
  return { memory: { current: heard, before: current }, clone: before !== null && !contradicts(before, heard) };
}
