import type { HttpReply, HttpRequest } from '../platform/http/exchange.ts';
import type { StreamSink } from './change-stream.ts';

/** Takes the response away from Fastify and keeps it open. */
export function responseSink(request: HttpRequest, reply: HttpReply): StreamSink {
  reply.hijack();
  const { raw } = reply;
  // A reverse proxy would otherwise hold changes back.
  raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  return {
    write: (text) => raw.write(text),
    end: () => raw.end(),
    onDrain: (listen) => raw.on('drain', listen),
    onClose: (listen) => request.raw.on('close', listen),
  };
}
