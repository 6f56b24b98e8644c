import { createHash } from 'node:crypto';
import type { Ids, Vault } from '@towline/agent';

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** Seals without chance, so that one seed gives one trace; what is torn does not open. */
export const worldVault: Vault = {
  digest,
  mac: (key, text) => digest(`${key} ${text}`).slice(0, 20),
  sealer: (secret) => ({
    close: (text) => `${digest(`${secret} ${text}`).slice(0, 16)} ${text}`,
    open(stored) {
      const text = stored.slice(17);
      return stored.slice(0, 16) === digest(`${secret} ${text}`).slice(0, 16) ? text : null;
    },
  }),
};

/** Fresh names, counted. @param from those of an earlier life of the same gateway are below it */
export function countedIds(from: number): Ids {
  let count = from;
  const next = (width: number) => (count += 1).toString(36).padStart(width, '0');
  return { secret: () => `secret-${next(36)}`, nonce: () => next(16), epoch: () => next(8) };
}
