import 'reflect-metadata';
import fastifyHelmet from '@fastify/helmet';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../app.module.ts';
import type { ApiPorts } from '../platform/http/api-ports.ts';
import { serveApiDocs } from '../platform/http/open-api.ts';
import { measureRequests } from './measure-requests.ts';

const maxBodyBytes = 1 << 20;
const requestTimeoutMs = 30_000;

/** Everything comes from here; the page at /docs sets styles inline. No upgrade to HTTPS: TLS ends where the operator puts it. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    objectSrc: ["'none'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
  },
};

/** Where files are imported: their handlers read the body as it arrives, with bounds of their own. */
const importPaths: ReadonlySet<string> = new Set(['/v1/device-lists', '/v1/device-lists/stream']);
const wrongType = Object.assign(new Error('files are taken where they are imported only'), { statusCode: 415 });

/**
 * Forms and plain texts are refused by their type. Clients that set the type on every request may leave the body out: `DELETE`
 * needs none, and where one is needed the schema says so.
 */
function takeJsonAndImports(adapter: FastifyAdapter): void {
  const server = adapter.getInstance();
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) =>
    body === '' ? done(null, undefined) : parse(request, body.toString(), done),
  );
  server.addContentTypeParser('text/csv', (request, _body, done) => {
    if (importPaths.has(request.url.split('?')[0] ?? '')) done(null, undefined);
    else done(wrongType);
  });
}

/** The API over its ports, not listening yet. */
export async function createApiApp(ports: ApiPorts): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({ bodyLimit: maxBodyBytes, requestTimeout: requestTimeoutMs, trustProxy: false });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.over(ports), adapter, {
    logger: false,
    abortOnError: false,
    bodyParser: false,
  });
  takeJsonAndImports(adapter);
  await app.register(fastifyHelmet, { contentSecurityPolicy });
  measureRequests(app, ports.metrics);
  serveApiDocs(app);
  return app;
}
