import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { type Cancel, type Clock, Fault, sleep } from '@towline/kit';
import type { Exit } from '../core-network/create-core-network.ts';

export interface HostTunnelOptions {
  readonly clock: Clock;
  /** Name of the interface, at most 15 characters. */
  readonly name: string;
  /** Address of this side with its prefix length: `198.18.0.1/15`. What the prefix holds goes into the tunnel. */
  readonly address: string;
  /** The same for IPv6: `2001:db8:ffff::1/32`. */
  readonly address6?: string;
  /** Called once when the tunnel ended though nobody closed it; the text is socat's last words. */
  readonly lost?: (reason: string) => void;
}

/** A network interface of this host (or of the network namespace that the process runs in), as the exit of a packet core. */
export interface HostTunnel extends Exit {
  readonly name: string;
  /** Takes the interface away; resolves when it is gone. */
  close(): Promise<void>;
}

const readyMs = 5_000;
const lookMs = 20;
const toolMs = 5_000;
/** Packets that wait for the kernel; more are dropped, as a full interface queue drops them. */
const queueBound = 1_000;
const loopback = '127.0.0.1';
const run = promisify(execFile);

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, loopback);
  await once(socket, 'listening');
  return socket;
}

/** A port that nobody has; it is let go so that socat can take it. */
async function freePort(): Promise<number> {
  const socket = await bound();
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** A datagram is a packet, so that its bounds are kept. The process dies with this one, however that ends (prctl(2), PR_SET_PDEATHSIG). */
function startSocat({ name, address }: HostTunnelOptions, ports: { readonly ours: number; readonly its: number }): ChildProcess {
  const datagrams = `UDP4-DATAGRAM:${loopback}:${ports.ours},bind=${loopback}:${ports.its}`;
  const tunnel = `TUN:${address},tun-name=${name},iff-up,iff-no-pi`;
  return spawn('setpriv', ['--pdeathsig', 'KILL', 'socat', datagrams, tunnel], { stdio: ['ignore', 'ignore', 'pipe'] });
}

function isUp({ name, address }: HostTunnelOptions): boolean {
  const [plain] = address.split('/');
  return networkInterfaces()[name]?.some((one) => one.address === plain) ?? false;
}

class SocatTunnel implements HostTunnel {
  readonly name: string;
  readonly #options: HostTunnelOptions;
  readonly #socket: Socket;
  readonly #port: number;
  readonly #process: ChildProcess;
  readonly #listeners = new Set<(packet: Uint8Array) => void>();
  readonly #ended: Promise<void>;
  #said = '';
  #hasEnded = false;
  #closing = false;

  constructor(options: HostTunnelOptions, socket: Socket, port: number) {
    this.name = options.name;
    this.#options = options;
    this.#socket = socket;
    this.#port = port;
    this.#process = startSocat(options, { ours: socket.address().port, its: port });
    this.#process.stderr?.on('data', (bytes: Buffer) => {
      this.#said = `${this.#said}${bytes.toString()}`.slice(-1_000);
    });
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        this.#end();
        resolve();
      };
      this.#process.once('exit', end);
      this.#process.once('error', (error) => {
        this.#said = error.message;
        end();
      });
    });
    socket.on('message', (packet, from) => {
      if (from.port === port) for (const listen of this.#listeners) listen(packet);
    });
    socket.on('error', () => undefined);
  }

  send(packet: Uint8Array): void {
    if (this.#hasEnded || this.#socket.getSendQueueCount() >= queueBound) return;
    this.#socket.send(packet, this.#port, loopback);
  }

  onPacket(listen: (packet: Uint8Array) => void): Cancel {
    this.#listeners.add(listen);
    return () => {
      this.#listeners.delete(listen);
    };
  }

  /** Resolves when the interface is up with its addresses. */
  async ready(): Promise<void> {
    const { clock, name, address6 } = this.#options;
    const untilMs = clock.monotonicMs() + readyMs;
    while (!isUp(this.#options)) {
      if (this.#hasEnded || clock.monotonicMs() > untilMs)
        throw new Fault('tunnel.failed', `${name} did not come up: ${this.#said.trim()}`);
      await sleep(clock, lookMs);
    }
    // socat gives its interface an IPv4 address only.
    if (address6) await run('ip', ['-6', 'address', 'add', address6, 'dev', name, 'nodad'], { timeout: toolMs });
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#listeners.clear();
    if (!this.#hasEnded) this.#process.kill('SIGTERM');
    const impatient = this.#options.clock.schedule(toolMs, () => this.#process.kill('SIGKILL'));
    await this.#ended;
    impatient();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#socket.close();
    if (!this.#closing) this.#options.lost?.(this.#said.trim());
  }
}

/**
 * Makes a TUN interface and hands its packets over, by socat, so that no native addon is needed. It needs the right to
 * make interfaces (root, best in a network namespace of its own) and socat, setpriv and ip.
 * @throws Fault `tunnel.failed` when the interface does not come up within 5 s
 */
export async function createHostTunnel(options: HostTunnelOptions): Promise<HostTunnel> {
  const its = await freePort();
  const tunnel = new SocatTunnel(options, await bound(), its);
  try {
    await tunnel.ready();
  } catch (error) {
    await tunnel.close();
    throw error;
  }
  return tunnel;
}
