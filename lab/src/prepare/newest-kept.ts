import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Takes away files of a cache whose names begin so, but for the `count` that were used last, by their modification time. */
export function keepNewest(directory: string, prefix: string, count: number): void {
  const paths = readdirSync(directory)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(directory, name));
  const usedMs = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const byUse = paths.map((path) => ({ path, at: usedMs(path) })).toSorted((one, other) => other.at - one.at);
  for (const { path } of byUse.slice(count)) rmSync(path, { force: true });
}
