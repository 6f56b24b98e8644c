import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Fault } from '@towline/kit';
import { type Answer, answerSchema, type Order } from './channel-messages.ts';
import { jsonLines } from './json-lines.ts';

/** The connection of one guest's resident. */
export interface ResidentChannel {
  readonly release: string;
  /** Sends an order and hears everything that is answered to it. */
  follow(order: Order, take: (answer: Answer) => void): number;
  /** Sends an order and waits for its one answer. @throws Fault `guest.silent`, `guest.refused` */
  ask(order: Order, timeoutMs: number): Promise<Answer>;
  /** Says something about an order given before. */
  tell(id: number, order: Order): void;
  close(): void;
}

/** Waits for the guest's resident on a port of this host. */
export interface ResidentListener {
  readonly port: number;
  /** @throws Fault `guest.silent` */
  accept(timeoutMs: number): Promise<ResidentChannel>;
  close(): void;
}

function within<Value>(promise: Promise<Value>, timeoutMs: number, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Fault('guest.silent', `waited ${timeoutMs / 1000} s in vain for ${what}`)), timeoutMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function channelOver(socket: Socket): Promise<ResidentChannel> {
  const waiting = new Map<number, (answer: Answer) => void>();
  let last = 0;
  return new Promise((resolve) => {
    const lines = jsonLines(socket, (value) => {
      const answer = answerSchema.parse(value);
      if (answer.kind === 'hello') resolve(channel(answer.release));
      else waiting.get(answer.id)?.(answer);
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      for (const [id, take] of waiting) take({ kind: 'failed', id, reason: 'the guest is gone' });
      waiting.clear();
    });

    function follow(order: Order, take: (answer: Answer) => void): number {
      last += 1;
      waiting.set(last, take);
      lines.send({ ...order, id: last });
      return last;
    }

    const channel = (release: string): ResidentChannel => ({
      release,
      follow,
      async ask(order, timeoutMs) {
        let id = 0;
        const answered = new Promise<Answer>((done) => {
          id = follow(order, done);
        });
        const answer = await within(answered, timeoutMs, `the guest's answer to ${order.kind}`).finally(() => waiting.delete(id));
        if (answer.kind === 'failed') throw new Fault('guest.refused', `${JSON.stringify(order).slice(0, 200)}: ${answer.reason}`);
        return answer;
      },
      tell: (id, order) => lines.send({ ...order, id }),
      close: () => socket.destroy(),
    });
  });
}

/** Listens for one guest. */
export async function listenForResident(): Promise<ResidentListener> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const accepted = new Promise<ResidentChannel>((resolve) => server.once('connection', (socket) => resolve(channelOver(socket))));
  return {
    port,
    accept: (timeoutMs) => within(accepted, timeoutMs, 'the guest to boot'),
    close: () => void server.close(),
  };
}
