import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What is read of sysfs. */
export interface DirectoryTree {
  /** Names in a directory; none where there is no such directory. */
  list(path: string): readonly string[];
  /** A file's text without its last line end; null where it cannot be read. */
  text(path: string): string | null;
  /** Last name of where a link leads; null where there is none. */
  linkName(path: string): string | null;
}

function orElse<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read();
  } catch {
    // A device may go away between two reads of its files.
    return otherwise;
  }
}

/** The host's own files. Sysfs is in RAM, so it is read at once. */
export const hostTree: DirectoryTree = {
  list: (path) => orElse(() => readdirSync(path), []),
  text: (path) => orElse(() => readFileSync(path, 'utf8').trim(), null),
  linkName: (path) => orElse(() => readlinkSync(path).split('/').at(-1) ?? null, null),
};
