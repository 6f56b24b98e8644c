import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessOutcome, ProcessRunner } from '@towline/modem';
import type { LeaseOutcome } from '../../runtime/ports.ts';
import { leaseScript, parseLease } from './dhcp-lease.ts';

/** Five discovers two seconds apart are over after ten; the rest is a slow host's. */
const timeoutMs = 25_000;
const maxOutputBytes = 16 * 1024;

export interface DhcpClient {
  lease(interfaceName: string): Promise<LeaseOutcome>;
}

interface DhcpParts {
  readonly processes: ProcessRunner;
  readonly runDirectory: string;
  readonly stateDirectory: string;
}

function installed(directory: string): string | null {
  const path = join(directory, 'udhcpc-lease');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(path, leaseScript, { mode: 0o700 });
    return path;
  } catch {
    return null;
  }
}

function refusal({ end, stderr, stdout }: ProcessOutcome): LeaseOutcome {
  if (end.kind === 'not-started') {
    // What the host is only short of just now passes.
    const isMissing = end.reason === 'ENOENT' || end.reason === 'EACCES';
    return { ok: false, failure: { code: isMissing ? 'host.tool-missing' : 'bearer.no-dhcp', evidence: [`udhcpc: ${end.reason}`] } };
  }
  const lines = `${stderr}\n${stdout}`.split('\n').filter((line) => line.startsWith('udhcpc'));
  return { ok: false, failure: { code: 'bearer.no-dhcp', evidence: lines.slice(-6) } };
}

/** Leases by busybox's udhcpc, which is run once for each: it neither stays nor sets anything. */
export function dhcpClient({ processes, runDirectory, stateDirectory }: DhcpParts): DhcpClient {
  let script: string | null = null;

  /** Debian mounts /run without the right to run programs from it (initramfs-tools), others do not. */
  async function runnable(): Promise<string | null> {
    for (const directory of [runDirectory, stateDirectory]) {
      const path = installed(directory);
      const tried = path === null ? null : await processes.run([path, 'tried'], { timeoutMs: 5_000, maxOutputBytes });
      if (path !== null && tried?.stdout.startsWith('event=tried')) return path;
    }
    return null;
  }

  return {
    async lease(name) {
      script ??= await runnable();
      if (script === null)
        return { ok: false, failure: { code: 'host.not-permitted', evidence: ['no directory takes a script that may run'] } };
      const options = ['-f', '-n', '-q', '-t', '5', '-T', '2', '-O', 'mtu'];
      const outcome = await processes.run(['udhcpc', '-i', name, ...options, '-s', script], { timeoutMs, maxOutputBytes });
      const lease = parseLease(outcome.stdout);
      return lease ? { ok: true, lease } : refusal(outcome);
    },
  };
}
