import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the first operator's token lies, mode 0600. */
export const firstTokenFile = (dataDir: string): string => join(dataDir, 'first-token');

/** Whole or not at all, and never with the mode of a file that was there before. */
export function keepFirstToken(file: string, token: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${token}\n`, { mode: 0o600, flush: true });
  renameSync(draft, file);
}

/**
 * What to say of it. The output of a service is a log that many may read and that is kept: there only the file is named.
 * @param isTerminal whether a person reads what is said, as it is said
 */
export function firstTokenLine({ token, file }: { token: string; file: string }, isTerminal: boolean): string {
  return isTerminal ? `First operator token, shown this once: ${token} (also in ${file})` : `First operator token: in ${file}`;
}
