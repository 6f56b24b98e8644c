import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLog } from '@towline/kit';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { systemClock } from '../clock.ts';
import { freePort } from '../testing/free-port.ts';
import { type LocalPostgres, startLocalPostgres } from './local-postgres.ts';
import { accountFromPasswd, canReach, serverAccount } from './server-account.ts';
import { copyServerBinaries, findServerBinaries } from './server-binaries.ts';
import { chooseServerPlace } from './server-place.ts';
import { initialiseCluster, isAlive, runningServer, spawnServer } from './server-process.ts';

const isRoot = process.getuid?.() === 0;
const settings = ['fsync=off'];
const heldSchema = z.object({ url: z.string(), pid: z.number(), adopted: z.boolean() });

let folder: string;
let port: number;
const running: LocalPostgres[] = [];
const holders: ChildProcess[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'towline-local-postgres-'));
  chmodSync(folder, 0o755);
  port = await freePort();
});
afterEach(async () => {
  for (const holder of holders.splice(0)) if (holder.exitCode === null) holder.kill('SIGKILL');
  for (const server of running.splice(0)) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: { dataDir?: string; elsewhere?: string } = {}): Promise<LocalPostgres> {
  const server = await startLocalPostgres({
    dataDir: join(folder, 'data'),
    port,
    clock: systemClock,
    log: silentLog,
    settings,
    ...options,
  });
  running.push(server);
  return server;
}

/** Starts it in another process, which can be killed. @param ids the account of that process */
async function hold(dataDir: string, ids: { uid?: number; gid?: number } = {}) {
  const program = fileURLToPath(new URL('../testing/hold-local-postgres.ts', import.meta.url));
  const holder = spawn(process.execPath, [program, dataDir, String(port)], { stdio: ['ignore', 'pipe', 'inherit'], cwd: folder, ...ids });
  holders.push(holder);
  const [line] = await once(holder.stdout, 'data');
  return { holder, ...heldSchema.parse(JSON.parse(String(line))) };
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('data outlive a stop, the password is nobody else’s to read, and another password is refused', async () => {
  const first = await start();
  await query(first.url, 'create table kept as select 7 as seven');
  await first.stop();
  expect(isAlive(first.pid())).toBe(false);
  const second = await start();
  expect(second.adopted).toBe(false);
  expect(await query(second.url, 'select seven from kept')).toEqual([{ seven: 7 }]);
  expect(statSync(join(folder, 'data/postgres-password')).mode & 0o777).toBe(0o600);
  await expect(query(second.url.replace(/:[^:@]*@/, ':guessed@'), 'select 1')).rejects.toMatchObject({ code: '28P01' });
});

test('a killed server is started again with what it had committed', async () => {
  const server = await start();
  await query(server.url, 'create table kept as select 7 as seven');
  const before = server.pid();
  process.kill(before, 'SIGKILL');
  await vi.waitFor(() => expect(server.pid()).not.toBe(before), { timeout: 10_000 });
  await vi.waitFor(async () => expect(await query(server.url, 'select seven from kept')).toEqual([{ seven: 7 }]), { timeout: 10_000 });
});

test('a server whose supervisor was killed goes on, and the next one adopts it', async () => {
  const { holder, pid } = await hold(join(folder, 'data'));
  const exit = once(holder, 'exit');
  holder.kill('SIGKILL');
  await exit;
  expect(isAlive(pid)).toBe(true);
  const next = await start();
  expect(next).toMatchObject({ adopted: true });
  expect(next.pid()).toBe(pid);
});

test('a server ends with its supervisor when that is asked to end, also under an ordinary account', async () => {
  const dataDir = join(folder, 'ordinary');
  mkdirSync(dataDir);
  if (isRoot) chownSync(dataDir, 65_534, 65_534);
  const { holder, pid, url } = await hold(dataDir, isRoot ? { uid: 65_534, gid: 65_534 } : {});
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  const exit = once(holder, 'exit');
  holder.kill('SIGTERM');
  await exit;
  expect(isAlive(pid)).toBe(false);
});

test('as root, data that the server’s account cannot reach go where it can', async () => {
  const locked = join(folder, 'locked');
  const elsewhere = join(folder, 'elsewhere');
  mkdirSync(locked, { mode: 0o700 });
  const server = await start({ dataDir: join(locked, 'towline'), elsewhere });
  expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(existsSync(elsewhere)).toBe(isRoot);
});

test('as root, so do the programs', async () => {
  const locked = join(folder, 'locked');
  mkdirSync(locked, { mode: 0o700 });
  const packaged = copyServerBinaries(findServerBinaries(), locked);
  const place = chooseServerPlace(folder, packaged, { account: serverAccount(), elsewhere: join(folder, 'elsewhere') });
  expect(place.binaries.native.startsWith(isRoot ? join(folder, 'elsewhere') : locked)).toBe(true);
  initialiseCluster(place, 'password');
  const { pid } = spawnServer(place, port, settings);
  await vi.waitFor(() => expect(runningServer(place)).toEqual({ pid, port }), { timeout: 10_000 });
  process.kill(pid, 'SIGQUIT');
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 });
}, 60_000);

test('a taken port is named with its setting', async () => {
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  await expect(start()).rejects.toMatchObject({ code: 'local-postgres.port-taken' });
  await expect(start()).rejects.toThrow('TOWLINE_POSTGRES_PORT');
  other.close();
});

test('where npm has no Postgres, a person is told to bring one', () => {
  expect(() => findServerBinaries('linux-x64', false)).toThrow('set DATABASE_URL');
  expect(() => findServerBinaries('sunos-sparc', true)).toThrow('set DATABASE_URL');
});

test('the account is postgres where there is one, else nobody', () => {
  expect(accountFromPasswd('root:x:0:0::/root:/bin/sh\npostgres:x:101:104::/:/bin/sh\n')).toEqual({ uid: 101, gid: 104 });
  expect(accountFromPasswd('root:x:0:0::/root:/bin/sh\n')).toEqual({ uid: 65_534, gid: 65_534 });
});

test('a path is out of reach when one directory on the way is closed to the account', () => {
  const open = join(folder, 'open');
  const file = join(open, 'closed', 'file');
  mkdirSync(file, { recursive: true });
  const stranger = { uid: 4_000_000, gid: 4_000_000 };
  chmodSync(join(open, 'closed'), 0o755);
  expect(canReach(file, stranger)).toBe(true);
  chmodSync(join(open, 'closed'), 0o750);
  expect(canReach(file, stranger)).toBe(false);
  expect(canReach(file, { uid: statSync(file).uid, gid: 4_000_000 })).toBe(true);
});
