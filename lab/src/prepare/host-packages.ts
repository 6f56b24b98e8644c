import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@towline/kit';
import { runTool } from '../run-tool.ts';

/** Programs of the host that lab and guest run, and the Debian package that has each. The guest sees the host's files. */
const packages: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  busybox: 'busybox-static',
  depmod: 'kmod',
  pppd: 'ppp',
  qmicli: 'libqmi-utils',
  mbimcli: 'libmbim-utils',
  udhcpc: 'udhcpc',
  socat: 'socat',
  ip: 'iproute2',
  unshare: 'util-linux',
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.f2fs': 'f2fs-tools',
  pgrep: 'procps',
  xz: 'xz-utils',
};

const places = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const aptMs = 300_000;

function isThere(program: string): boolean {
  return places.some((place) => {
    try {
      accessSync(join(place, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const missing = () =>
  Object.entries(packages)
    .filter(([program]) => !isThere(program))
    .map(([, name]) => name);

/**
 * Installs what is missing, from Debian.
 * @throws Fault `lab.not-root` naming the packages to install by hand
 */
export function ensureHostPackages(say: (text: string) => void): void {
  const names = missing();
  if (names.length === 0) return;
  if (process.getuid?.() !== 0)
    throw new Fault('lab.not-root', `install these first: sudo apt-get install --no-install-recommends ${names.join(' ')}`);
  say(`installing ${names.join(', ')}`);
  runTool(['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120', 'update'], { timeoutMs: aptMs });
  const install = ['install', '--yes', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...names];
  runTool(['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...install], { timeoutMs: aptMs });
}
