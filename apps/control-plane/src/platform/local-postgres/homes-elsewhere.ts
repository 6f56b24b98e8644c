import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

/**
 * Homes of servers apart from their data directories. A home is named after the path of its data directory and after a mark that
 * lies in it, so that neither a copy nor one made anew at the same path meets a cluster that is not its own.
 */
const ownerFile = 'belongs-to.json';
const ownerSchema = z.object({ dataDir: z.string(), mark: z.string() });
const markOf = (dataDir: string) => join(dataDir, 'postgres', 'mark');

function readOrMakeMark(dataDir: string): string {
  const file = markOf(dataDir);
  mkdirSync(join(dataDir, 'postgres'), { recursive: true, mode: 0o755 });
  if (!existsSync(file)) writeFileSync(file, randomBytes(6).toString('hex'), { flush: true });
  return readFileSync(file, 'utf8');
}

/** The home of `dataDir` below `elsewhere`, the same one as long as both last; it tells whose it is. */
export function homeElsewhere(dataDir: string, elsewhere: string, mark = readOrMakeMark(dataDir)): string {
  const home = join(elsewhere, `${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}-${mark}`);
  mkdirSync(home, { recursive: true, mode: 0o755 });
  writeFileSync(join(home, ownerFile), JSON.stringify({ dataDir, mark }));
  return home;
}

/** Of data directories below the system's temporary folder, which nobody expects to last; one elsewhere may lie on a disk that is not mounted. */
const keptMs = 7 * 24 * 60 * 60_000;

function lastUsedMs(home: string): number {
  const traces = [join(home, ownerFile), join(home, 'server.log'), join(home, 'data', 'global', 'pg_control')];
  return Math.max(...traces.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}

function isAbandoned(home: string, nowMs: number): boolean {
  if (nowMs - lastUsedMs(home) < keptMs) return false;
  const owner = readOwner(home);
  if (!owner || !owner.dataDir.startsWith(join(tmpdir(), '/'))) return false;
  return !existsSync(markOf(owner.dataDir)) || readFileSync(markOf(owner.dataDir), 'utf8') !== owner.mark;
}

/** Null where it was not written whole. */
function readOwner(home: string): z.infer<typeof ownerSchema> | null {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(join(home, ownerFile), 'utf8')));
  } catch {
    return null;
  }
}

/**
 * Removes homes whose data directory, a temporary one, is gone or was made anew, and which nobody used for a week.
 * @param isRunning whether a server holds the home
 * @returns what was removed
 */
export function removeAbandonedHomes(elsewhere: string, nowMs: number, isRunning: (home: string) => boolean): string[] {
  if (!existsSync(elsewhere)) return [];
  const homes = readdirSync(elsewhere)
    .map((name) => join(elsewhere, name))
    .filter((home) => existsSync(join(home, ownerFile)));
  const abandoned = homes.filter((home) => isAbandoned(home, nowMs) && !isRunning(home));
  for (const home of abandoned) rmSync(home, { recursive: true, force: true });
  return abandoned;
}
