import type { Random } from '@towline/kit';

/** Loses and doubles bytes; shares are 0 to 1 per byte. */
export function garble(bytes: Uint8Array, shares: { dropShare: number; doubleShare: number }, random: Random): Uint8Array {
  const kept: number[] = [];
  for (const byte of bytes) {
    const draw = random.next();
    if (draw < shares.dropShare) continue;
    kept.push(byte);
    if (draw > 1 - shares.doubleShare) kept.push(byte);
  }
  return Uint8Array.from(kept);
}

/** A binary frame as a Unisoc log port floods its reader with (forums.quectel.com 37423). */
export function debugFrame(random: Random): Uint8Array {
  const length = 16 + Math.floor(random.next() * 48);
  const noise = Uint8Array.from({ length }, () => Math.floor(random.next() * 256));
  return Uint8Array.from([...new TextEncoder().encode('%DBG'), ...noise]);
}
