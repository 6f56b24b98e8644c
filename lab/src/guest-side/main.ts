/** Runs in the guest: carries out what the lab on the host orders. Ends, and the guest with it, when the host goes away. */
import { readdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { release } from 'node:os';
import { type Answer, type Request, requestSchema } from '../guest/channel-messages.ts';
import { jsonLines } from '../guest/json-lines.ts';
import { keepImported } from './keep-imported.ts';
import { createPrograms } from './programs.ts';

/** The host, as qemu's user network shows it. */
const host = '10.0.2.2';

const socket = connect({ host, port: Number(process.argv[2]) });
socket.setNoDelay(true);
const lines = jsonLines(socket, (value) => carryOut(requestSchema.parse(value)));
const send = (answer: Answer) => lines.send(answer);
const programs = createPrograms(send);

const imports = new Map<number, AbortController>();

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function contentOf(look: () => string): string | null {
  try {
    return look();
  } catch {
    return null;
  }
}

function attempt(id: number, act: () => void): void {
  try {
    act();
    send({ kind: 'content', id, text: null });
  } catch (error) {
    send({ kind: 'failed', id, reason: reasonOf(error) });
  }
}

function startImport({ id, port, busId, server }: Extract<Request, { kind: 'import' }>): void {
  const stop = new AbortController();
  imports.set(id, stop);
  const onChange = (state: 'attached' | 'detached') => send({ kind: state, id });
  void keepImported({ port, busId, server: { host, port: server }, stopped: stop.signal, onChange })
    .catch((error: unknown) => send({ kind: 'failed', id, reason: reasonOf(error) }))
    .finally(() => imports.delete(id));
}

function carryOut(request: Request): void {
  const { id } = request;
  switch (request.kind) {
    case 'start':
      return programs.start(request);
    case 'signal':
      return programs.signal(id, request.signal);
    case 'import':
      return startImport(request);
    case 'stop-import':
      return imports.get(id)?.abort();
    case 'watch':
      return void watch(request.path, (event, name) => send({ kind: 'line', id, stream: 'out', text: `${event} ${name}` }));
    case 'read':
      return send({ kind: 'content', id, text: contentOf(() => readFileSync(request.path, 'utf8')) });
    case 'write':
      return attempt(id, () => writeFileSync(request.path, request.text));
    case 'list':
      return send({ kind: 'content', id, text: contentOf(() => JSON.stringify(readdirSync(request.path).sort())) });
  }
}

socket.once('connect', () => send({ kind: 'hello', release: release() }));
socket.once('close', () => process.exit(0));
socket.on('error', (error) => {
  process.stderr.write(`lab: ${error.message}\n`);
});
