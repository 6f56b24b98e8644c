import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../../operators/authorise.ts';

/** What is used of Fastify's request. */
export interface HttpRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly method: string;
  readonly url: string;
  readonly ip: string;
  readonly raw: IncomingMessage;
  /** Set by the guard. */
  caller?: Caller;
}

/** What is used of Fastify's reply. */
export interface HttpReply {
  readonly sent: boolean;
  readonly raw: ServerResponse;
  status(code: number): HttpReply;
  header(name: string, value: string): HttpReply;
  send(body: string): HttpReply;
  /** From here on the handler answers by `raw` itself. */
  hijack(): HttpReply;
}
