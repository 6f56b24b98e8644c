import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Fault } from '@towline/kit';

export interface Received {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Receiver {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly received: Received[];
  close(): Promise<void>;
}

const answers: Readonly<Record<string, (response: ServerResponse, request: IncomingMessage) => void>> = {
  '/well': (response) => void response.writeHead(204).end(),
  '/wrong': (response) => void response.writeHead(500).end('secret of the inside'),
  '/gone': (response) => void response.writeHead(410).end(),
  '/redirect': (response) => void response.writeHead(307, { location: '/well' }).end(),
  '/silent': () => undefined,
  '/slow-body': (response) => void response.writeHead(200).write('so'),
  '/endless': (response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(8192)));
    };
    response.on('drain', more);
    more();
  },
  '/cut': (_response, request) => void request.socket.destroy(),
  '/garbage': (_response, request) => void request.socket.end('this is not HTTP\r\n\r\n'),
};

/** An HTTP server that behaves well or badly, by path. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = request.url ?? '';
      received.push({ url, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      (answers[url] ?? answers['/well'])?.(response, request);
    });
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Fault('test.no-address', 'the receiver does not listen');
  return {
    url: `http://127.0.0.1:${address.port}`,
    received,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
