import { execFileSync, spawn } from 'node:child_process';
import { chownSync, closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, faultText } from '@towline/kit';
import { linkLibraries } from './server-binaries.ts';
import type { ServerPlace } from './server-place.ts';

/** A server process that holds our data directory. */
export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
}

export const serverUser = 'towline';

const dataOf = (place: ServerPlace) => join(place.home, 'data');
const logOf = (place: ServerPlace) => join(place.home, 'server.log');

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function spawnOptions(place: ServerPlace) {
  const libraries = linkLibraries(place.binaries, join(place.home, 'lib'));
  // LC_ALL and TZ: the cluster must not depend on who started it first.
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC', LD_LIBRARY_PATH: libraries };
  return { ...place.account, env, cwd: place.home };
}

/** Makes the cluster once. It gets its name only when it is whole, so a kill in between leaves no half of one. */
export function initialiseCluster(place: ServerPlace, password: string): void {
  const data = dataOf(place);
  if (existsSync(join(data, 'PG_VERSION'))) return;
  const unfinished = `${data}.new`;
  const passwordFile = join(place.home, 'initdb-password');
  rmSync(unfinished, { recursive: true, force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (place.account) chownSync(passwordFile, place.account.uid, place.account.gid);
  const words = ['-D', unfinished, '-U', serverUser, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C'];
  try {
    execFileSync(join(place.binaries.native, 'bin/initdb'), [...words, '--data-checksums'], {
      ...spawnOptions(place),
      stdio: 'pipe',
      timeout: 120_000,
    });
  } catch (cause) {
    throw new Fault('local-postgres.init-failed', `initdb failed in ${place.home}: ${faultText(cause)}`, { cause });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(unfinished, data);
}

/** The live server of this data directory, whoever started it; a reused process id is told by its command line. */
export function runningServer(place: ServerPlace): ServerProcess | null {
  const data = dataOf(place);
  try {
    const [pid, , , port] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n').map(Number);
    if (!pid || !port || !isAlive(pid)) return null;
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data) ? { pid, port } : null;
  } catch {
    return null;
  }
}

/** Errors of queries stay out of the server's log: their statements can carry what devices sent. */
const quiet = ['log_min_messages=fatal', 'log_min_error_statement=panic', 'log_checkpoints=off'];
/** A rollout leaves tens of thousands of dead rows within seconds. Looked for once a minute, as by default, they make its statements a third dearer. */
const tidy = ['autovacuum_naptime=10s'];

/**
 * Starts the server in a session of its own, so that it outlives a killed supervisor.
 * @param settings more `name=value`.
 */
export function spawnServer(place: ServerPlace, port: number, settings: readonly string[]): ServerProcess {
  const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...quiet, ...tidy, ...settings];
  const words = ['-D', dataOf(place), '-p', String(port), ...all.flatMap((setting) => ['-c', setting])];
  const log = openSync(logOf(place), 'w', 0o600);
  try {
    const child = spawn(join(place.binaries.native, 'bin/postgres'), words, {
      ...spawnOptions(place),
      stdio: ['ignore', log, log],
      detached: true,
    });
    child.unref();
    if (child.pid === undefined) throw new Fault('local-postgres.start-failed', `cannot run ${place.binaries.native}/bin/postgres`);
    return { pid: child.pid, port };
  } finally {
    closeSync(log);
  }
}

/** The last lines the server wrote, for a person. */
export function serverLogTail(place: ServerPlace): string {
  return existsSync(logOf(place)) ? readFileSync(logOf(place), 'utf8').slice(-2000).trim() : '';
}
