import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePorts } from './free-ports.ts';

/** A way to a port of this machine that can be cut under all who are on it. */
export class CuttableWay {
  readonly port: number;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(port: number, server: Server) {
    this.port = port;
    this.#server = server;
  }

  static async to(target: number): Promise<CuttableWay> {
    const [port = 0] = await freePorts(1);
    const server = createServer();
    const way = new CuttableWay(port, server);
    server.on('connection', (near) => way.#join(near, connect(target, '127.0.0.1')));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return way;
  }

  /** Ends every connection without a word, or so large a share of them. @param share 0 to 1 */
  cut(share = 1): void {
    const all = [...this.#open];
    for (const socket of all.slice(0, Math.ceil(all.length * share))) socket.resetAndDestroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }

  #join(near: Socket, far: Socket): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#open.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
