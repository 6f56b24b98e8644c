import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { freePorts } from './harness/free-ports.ts';

const main = join(dirname(createRequire(import.meta.url).resolve('@towline/control-plane')), 'main.js');

/** A Postgres that takes connections and says nothing; `asked` resolves with the first of them. */
async function mutePostgres() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `postgresql://towline:none@127.0.0.1:${port}/towline`, asked: once(server, 'connection') };
}

async function startRole(role: string, databaseUrl: string): Promise<ChildProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'towline-e2e-'));
  const [http, mqtt, edge, ticker] = await freePorts(4);
  const environment = {
    DATABASE_URL: databaseUrl,
    TOWLINE_DATA_DIR: dataDir,
    TOWLINE_KEY: Buffer.alloc(32, 7).toString('base64'),
    TOWLINE_HTTP_PORT: String(http),
    TOWLINE_MQTT_PORT: String(mqtt),
    TOWLINE_EDGE_HTTP_PORT: String(edge),
    TOWLINE_TICKER_HTTP_PORT: String(ticker),
  };
  const child = spawn(process.execPath, [main, role], { env: { ...process.env, ...environment }, stdio: 'ignore' });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });
  return child;
}

/** Its own attempts would go on for longer than this. */
const timeoutMs = 10_000;

it.each(['api', 'edge', 'ticker'])(
  '%s that waits for a database that says nothing ends when it is asked to',
  async (role) => {
    const { url, asked } = await mutePostgres();
    const child = await startRole(role, url);
    await Promise.race([asked, once(child, 'exit').then(() => Promise.reject(new Error('it ended by itself')))]);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  },
  timeoutMs,
);
