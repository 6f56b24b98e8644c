import type { RolloutSettings } from '@towline/protocol/http';

const jitter = 0.25;

/** 0 to 1, always the same for one device and attempt: a decision draws no lots (FNV-1a, 32 bits). */
export function shareOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash / 0x1_0000_0000;
}

/** When a device that went wrong is tried again; null when it had all its tries. @param tried its attempts so far */
export function tryAgainAtMs(
  { attempts, baseS, factor, maxS }: RolloutSettings['retries'],
  tried: { readonly device: string; readonly attempt: number },
  nowMs: number,
): number | null {
  if (tried.attempt > attempts) return null;
  const delayMs = Math.min(maxS, baseS * factor ** (tried.attempt - 1)) * 1000;
  return nowMs + Math.round(delayMs * (1 + jitter * shareOf(`${tried.device}/${tried.attempt}`)));
}
