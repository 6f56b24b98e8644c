import { readFileSync } from 'node:fs';

/** What a systemd unit starts, with its paths and settings. */
export interface UnitFile {
  /** Values of a key of [Service], in their order. */
  values(key: string): string[];
  /** argv of a command line; the units here quote nothing. */
  command(key: 'ExecStart' | 'ExecStartPre'): string[];
}

/** Reads a unit; a path that stands for another on this machine is replaced, the longest first. */
export function readUnitFile(path: string, paths: Readonly<Record<string, string>>): UnitFile {
  const mapped = Object.entries(paths)
    .sort(([left], [right]) => right.length - left.length)
    .reduce((text, [from, to]) => text.replaceAll(from, to), readFileSync(path, 'utf8'));
  const service = /^\[Service\]$([^[]*)/m.exec(mapped)?.[1] ?? '';
  const values = (key: string) =>
    service
      .split('\n')
      .filter((line) => line.startsWith(`${key}=`))
      .map((line) => line.slice(key.length + 1));
  return {
    values,
    // A leading minus says that a failure does not count.
    command: (key) => (values(key)[0] ?? '').replace(/^-/, '').split(' '),
  };
}
