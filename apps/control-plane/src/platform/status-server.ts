import { createServer, type ServerResponse } from 'node:http';
import { Fault, faultCode } from '@towline/kit';
import type { Registry } from 'prom-client';
import type { RunningProcess } from './running-process.ts';

export interface StatusServerOptions {
  readonly port: number;
  /** Name of the setting that moves it, for the error when the port is taken. */
  readonly setting: string;
  readonly metrics: Registry;
  /** Why the process is not ready; null when it is. */
  readonly unready: () => Promise<string | null>;
}

function answer(response: ServerResponse, { status, type, body }: { status: number; type: string; body: string }): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

const json = (status: number, body: unknown) => ({ status, type: 'application/json', body: JSON.stringify(body) });

async function statusOf(path: string, { metrics, unready }: StatusServerOptions) {
  if (path === '/metrics') return { status: 200, type: metrics.contentType, body: await metrics.metrics() };
  if (path === '/health/live') return json(200, { status: 'ok' });
  if (path !== '/health/ready') return json(404, { status: 'not-found' });
  const reason = await unready();
  return reason === null ? json(200, { status: 'ok' }) : json(503, { status: 'unavailable', reason });
}

/**
 * Health and metrics of a process without an API, on 127.0.0.1.
 * @throws Fault `status.port-taken`
 */
export function startStatusServer(options: StatusServerOptions): Promise<RunningProcess> {
  const server = createServer((request, response) => {
    void statusOf(request.url ?? '/', options).then(
      (status) => answer(response, status),
      () => answer(response, json(500, { status: 'failed' })),
    );
  });
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const text = `port ${options.port}: ${faultCode(cause)}; set ${options.setting} to a free one`;
      reject(new Fault('status.port-taken', text, { cause }));
    });
    server.listen(options.port, '127.0.0.1', () => resolve({ stop: () => new Promise((done) => server.close(() => done())) }));
  });
}
