import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@towline/kit';
import { places } from '../places.ts';
import { runTool } from '../run-tool.ts';
import { kernelPayload } from './uncompressed-kernel.ts';

/** A kernel with its modules, unpacked. */
export interface GuestKernel {
  /** As `uname -r` says it. */
  readonly release: string;
  /** Uncompressed ELF image. */
  readonly image: string;
  /** Holds `kernel/`, `modules.dep`, … */
  readonly modules: string;
}

const aptMs = 300_000;

/** What makes up most of the package and drives nothing that the guest has. */
const unneeded = [
  'sound',
  'drivers/gpu',
  'drivers/media',
  'drivers/iio',
  'drivers/scsi',
  'drivers/infiniband',
  'drivers/staging',
  'drivers/comedi',
];

/** Null when apt has no lists, as in a fresh container, or they name none: apt-cache then fails. */
function namedKernel(): string | null {
  try {
    return /Depends: (linux-image-\S+-amd64)/.exec(runTool(['apt-cache', 'depends', 'linux-image-amd64']).toString())?.[1] ?? null;
  } catch {
    return null;
  }
}

/** @throws Fault `lab.no-kernel` when Debian's archive names none */
function newestPackage(): string {
  const known = namedKernel();
  if (known !== null) return known;
  runTool(['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120', 'update'], { timeoutMs: aptMs });
  const name = namedKernel();
  if (name === null) throw new Fault('lab.no-kernel', 'apt knows no linux-image-amd64');
  return name;
}

const releaseOf = (packageName: string) => packageName.replace(/^linux-image-/, '');

function kernelAt(directory: string, release: string): GuestKernel {
  return { release, image: join(directory, 'vmlinux'), modules: join(directory, 'lib/modules', release) };
}

function preparedKernels(): GuestKernel[] {
  if (!existsSync(places.cache)) return [];
  const names = readdirSync(places.cache).filter((name) => name.startsWith('kernel-'));
  return names.sort().map((name) => kernelAt(join(places.cache, name), name.slice('kernel-'.length)));
}

/** The newest kernel that lies in the cache. */
export const preparedKernel = (): GuestKernel | null => preparedKernels().at(-1) ?? null;

function unpack(directory: string, packageName: string): void {
  const release = releaseOf(packageName);
  // Not as apt's own account: it may not write into a folder of ours.
  runTool(['apt-get', '-q', '-o', 'APT::Sandbox::User=root', 'download', packageName], { directory, timeoutMs: aptMs });
  const archive = readdirSync(directory).find((name) => name.endsWith('.deb')) ?? '';
  runTool(['dpkg', '-x', archive, '.'], { directory, timeoutMs: aptMs });
  const { image, modules } = kernelAt(directory, release);
  const payload = kernelPayload(readFileSync(join(directory, 'boot', `vmlinuz-${release}`)));
  writeFileSync(image, runTool(['xz', '--decompress', '--stdout', '--single-stream'], { input: payload }));
  for (const part of unneeded) rmSync(join(modules, 'kernel', part), { recursive: true, force: true });
  for (const rest of [archive, 'boot', 'usr']) rmSync(join(directory, rest), { recursive: true, force: true });
  runTool(['depmod', '-b', directory, release]);
}

/**
 * Debian's newest kernel, downloaded and unpacked unless one lies in the cache already.
 * @throws Fault `lab.tool-failed`, `lab.no-kernel`, `lab.no-payload`
 */
export function ensureKernel(say: (text: string) => void): GuestKernel {
  const prepared = preparedKernel();
  if (prepared) return prepared;
  const packageName = newestPackage();
  say(`fetching ${packageName}`);
  mkdirSync(places.cache, { recursive: true });
  const fresh = mkdtempSync(join(places.cache, 'new-'));
  try {
    unpack(fresh, packageName);
    const place = join(places.cache, `kernel-${releaseOf(packageName)}`);
    // Somebody else may have been faster: one is as good as the other.
    if (!existsSync(place)) renameSync(fresh, place);
    return kernelAt(place, releaseOf(packageName));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
