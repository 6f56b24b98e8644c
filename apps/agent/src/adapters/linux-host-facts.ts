import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { HostFacts } from '../runtime/ports.ts';

function textOf(path: string): string | null {
  try {
    // Device tree strings end in a zero octet.
    const text = readFileSync(path, 'utf8').replaceAll('\0', '').trim();
    return text === '' ? null : text;
  } catch {
    return null;
  }
}

/** @param boardSerialFile file that names the board; one that is missing means that it has no name. */
export function linuxHostFacts(boardSerialFile: string): HostFacts {
  // Without procfs each start counts as a boot: told too often is safe, told never is not.
  const bootId = textOf('/proc/sys/kernel/random/boot_id') ?? randomBytes(16).toString('hex');
  return { bootId: bootId.slice(0, 40), boardSerial: textOf(boardSerialFile)?.slice(0, 64) ?? null, uptimeS: () => uptime() };
}
