#!/usr/bin/env node
// Answers for Prisma's native `schema-engine` program, so that generate, migrate and diff work without its download server:
// the same JSON-RPC over stdio (one request a line), done by the WebAssembly build on npm over adapter-pg.
// `PRISMA_SCHEMA_ENGINE_BINARY` points here. Development only: the control plane migrates by itself (platform/migrate.ts).
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import pg from 'pg';

/** Codes of Prisma's own error list for what Postgres (or the socket) said. */
const prismaCodes = new Map([
  ['3D000', 'P1003'],
  ['28P01', 'P1000'],
  ['28000', 'P1000'],
  ['42P04', 'P1009'],
  ['ECONNREFUSED', 'P1001'],
  ['ENOTFOUND', 'P1001'],
]);

/** Every value given for a flag that may be repeated. */
function flagValues(argv, flag) {
  return argv.flatMap((word, index) => (word === flag && index + 1 < argv.length ? [argv[index + 1]] : []));
}

function writeLog(level, message, fields = {}) {
  const line = { timestamp: new Date().toISOString(), level, fields: { message, ...fields }, target: 'schema_engine::logger' };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

async function loadEngine() {
  let panic = '';
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    set_message(message) {
      panic = message;
      writeLog('ERROR', message, { is_panic: true });
    },
    get: () => panic,
  };
  const bindingsPath = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bindings = await import(bindingsPath);
  const bytes = readFileSync(join(dirname(bindingsPath), 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return bindings;
}

/** As parts, not as a connection string: pg lets the string's database win over the `database` beside it. */
function connectionParts(url) {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  return {
    schema: searchParams.get('schema') ?? undefined,
    connection: {
      host: hostname,
      port: Number(port || 5432),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password) || undefined,
      database: decodeURIComponent(pathname.slice(1)),
    },
  };
}

const oidOfInternalChar = 18;
const oidOfText = 25;

/** adapter-pg 7.10 refuses columns of type "char", which the catalogue is full of: they are called text. */
function charsAsText(result) {
  const fields = [result].flat().flatMap((one) => one?.fields ?? []);
  for (const field of fields) if (field.dataTypeID === oidOfInternalChar) field.dataTypeID = oidOfText;
  return result;
}

/**
 * Postgres 18 lists NOT NULL among the constraints, so the engine comes to read this column, and insists on a character:
 * the one "char" that must not become text.
 */
const characterColumns = ['constraint_type'];

function withCharacters(result) {
  const types = result.columnTypes.map((type, index) =>
    characterColumns.includes(result.columnNames[index]) ? ColumnTypeEnum.Character : type,
  );
  return { ...result, columnTypes: types };
}

class CatalogueClient extends pg.Client {
  query(...words) {
    const callback = words.at(-1);
    if (typeof callback !== 'function') return super.query(...words).then(charsAsText);
    return super.query(...words.slice(0, -1), (error, result) => callback(error, charsAsText(result)));
  }
}

async function openAdapter(connection, schema) {
  const pool = new pg.Pool({ ...connection, connectionTimeoutMillis: 10_000, Client: CatalogueClient });
  const adapter = await new PrismaPg(pool, { schema, disposeExternalPool: true }).connect();
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = (query) => queryRaw(query).then(withCharacters);
  // adapter-pg splits a script at every semicolon, also inside $$ bodies: one simple query keeps it whole.
  adapter.executeScript = (script) =>
    pool.query(script).then(
      () => undefined,
      (error) => adapter.onError(error),
    );
  return adapter;
}

/** A shadow database that is dropped again when the engine lets go of it. */
async function openShadow(connection, schema) {
  const database = `prisma_shadow_${randomBytes(6).toString('hex')}`;
  const owner = await openAdapter(connection, schema);
  await owner.executeScript(`CREATE DATABASE "${database}"`);
  const shadow = await openAdapter({ ...connection, database }, schema);
  const dispose = shadow.dispose.bind(shadow);
  shadow.dispose = async () => {
    await dispose();
    await owner.executeScript(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
    await owner.dispose();
  };
  return shadow;
}

function adapterFactory(url, shadowUrl) {
  const { connection, schema } = connectionParts(url);
  return bindMigrationAwareSqlAdapterFactory({
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => openAdapter(connection, schema),
    connectToShadowDb() {
      if (!shadowUrl) return openShadow(connection, schema);
      const shadow = connectionParts(shadowUrl);
      return openAdapter(shadow.connection, shadow.schema);
    },
  });
}

/** `cli create-database | drop-database | can-connect-to-database`. @returns the exit code */
async function runDatabaseCommand(command, url) {
  const { connection } = connectionParts(url);
  const database = command === 'can-connect-to-database' ? connection.database : 'postgres';
  const client = new pg.Client({ ...connection, database, connectionTimeoutMillis: 10_000 });
  const name = pg.escapeIdentifier(connection.database);
  try {
    await client.connect();
    if (command === 'create-database') await client.query(`CREATE DATABASE ${name}`);
    if (command === 'drop-database') await client.query(`DROP DATABASE IF EXISTS ${name}`);
    return 0;
  } catch (error) {
    writeLog('ERROR', error.message, { error_code: prismaCodes.get(error.code) ?? 'P1000', is_panic: false });
    return 1;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function errorAnswer(id, error) {
  const data = { is_panic: false, message: error?.message ?? String(error), error_code: error?.code ?? null, meta: error?.meta ?? null };
  return { id, error: { code: 4466, message: 'An error happened.', data } };
}

async function answer(openEngine, request) {
  const method = request.method === 'getDatabaseVersion' ? 'version' : request.method;
  try {
    const engine = await openEngine();
    const result = await engine[method](request.params ?? {});
    if (method === 'diff' && result?.stdout) send({ method: 'print', params: { content: result.stdout }, id: `print-${request.id}` });
    send({ id: request.id, result: result ?? {} });
  } catch (error) {
    send(errorAnswer(request.id, error));
  }
}

async function serve(argv, source) {
  const bindings = await loadEngine();
  const models = flagValues(argv, '--datamodels').map((file) => [file, readFileSync(file, 'utf8')]);
  const factory = adapterFactory(source.url ?? 'postgresql://nobody@127.0.0.1:1/none', source.shadowDatabaseUrl);
  // Opened by the first request: it connects, and what goes wrong then belongs into that request's answer.
  let engine = null;
  const openEngine = async () => {
    engine ??= await bindings.SchemaEngine.new({ datamodels: models.length > 0 ? models : undefined }, () => undefined, factory);
    return engine;
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const request = line.trim() ? JSON.parse(line) : {};
    // Without a method it is Prisma's answer to our `print`.
    if (request.method) await answer(openEngine, request);
  }
}

async function main(argv) {
  if (argv.includes('--version') || argv.includes('-V')) {
    const bindings = await loadEngine();
    process.stdout.write(`schema-engine-cli ${bindings.version()}\n`);
    return 0;
  }
  const [described] = flagValues(argv, '--datasource');
  const source = described ? JSON.parse(described) : { url: process.env.DATABASE_URL };
  if (argv.includes('cli')) return runDatabaseCommand(argv.at(-1), source.url);
  await serve(argv, source);
  return 0;
}

process.exit(await main(process.argv.slice(2)));
