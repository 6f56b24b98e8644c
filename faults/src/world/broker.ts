import type { Session, SessionRequest } from '@towline/agent';
import { type Clock, Fault, type Random, sleep } from '@towline/kit';
import type { Kernel } from './kernel.ts';
import { controlPlaneHost, type OperatorCore, type Way } from './operator-core.ts';
import type { ProcessLife } from './process-life.ts';

/** The control plane's end of one session. */
export interface Visitor {
  readonly clientId: string;
  /** Hands a message to the device, if the session still carries. */
  send(topic: string, payload: string): void;
  /** Ends the session from this side. */
  cut(): void;
}

/** Whoever sessions are with. */
export interface Host {
  /** False: nobody listens at its port. */
  isUp(): boolean;
  welcome(visitor: Visitor): void;
  receive(visitor: Visitor, topic: string, payload: string): void;
  left(visitor: Visitor): void;
}

export interface NetworkParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly core: OperatorCore;
  /** That of the host as it is now. */
  readonly kernel: () => Kernel;
  /** Sockets go where the routes say, whatever they are bound to: for twins that must be found out. */
  readonly ignoresPins: boolean;
  readonly host: Host;
}

const isSameWay = (left: Way, right: Way) =>
  left.kind === right.kind && (left.kind !== 'bearer' || right.kind !== 'bearer' || left.grant === right.grant);

const firstAgainMs = 200;
/** RFC 6298 clause 2.5 allows a bound of 60 s at least; Linux has TCP_RTO_MAX of 120 s. */
const longestAgainMs = 120_000;

/** One session over whatever way it was opened by; it dies with that way, unnoticed until something is sent. */
class CarriedSession implements Session {
  private readonly parts: NetworkParts;
  private readonly request: SessionRequest;
  private readonly opened: Way;
  private readonly visitor: Visitor;
  private readonly messages = new Set<(topic: string, payload: string) => void>();
  private readonly heard = new Set<() => void>();
  private readonly closed = new Set<(code: string) => void>();
  private readonly pending = new Set<(fault: Fault) => void>();
  private isOpen = true;

  constructor(parts: NetworkParts, request: SessionRequest, opened: Way) {
    this.parts = parts;
    this.request = request;
    this.opened = opened;
    this.visitor = {
      clientId: request.clientId,
      send: (topic, payload) => this.carryDown(topic, payload),
      cut: () => this.end('ECONNRESET'),
    };
    parts.host.welcome(this.visitor);
    if (opened.kind === 'bearer') parts.core.saw(parts.clock.monotonicMs(), opened);
    this.keepAlive();
  }

  publish(topic: string, payload: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(gone());
      this.pending.add(reject);
      this.untilCarried(() => {
        this.parts.host.receive(this.visitor, topic, payload);
        this.untilCarried(() => {
          this.pending.delete(reject);
          this.tellHeard();
          resolve();
        });
      });
    });
  }

  async subscribe(): Promise<void> {
    if (!this.isOpen) throw gone();
  }

  onMessage(listen: (topic: string, payload: string) => void) {
    this.messages.add(listen);
    return () => void this.messages.delete(listen);
  }

  onHeard(listen: () => void) {
    this.heard.add(listen);
    return () => void this.heard.delete(listen);
  }

  onClose(listen: (code: string) => void) {
    this.closed.add(listen);
    return () => void this.closed.delete(listen);
  }

  async close(): Promise<void> {
    this.end('closed');
  }

  /** The process is gone, and its sockets with it. */
  drop(): void {
    this.closed.clear();
    this.end('closed');
  }

  private carryDown(topic: string, payload: string): void {
    this.untilCarried(() => {
      this.tellHeard();
      for (const listen of this.messages) listen(topic, payload);
    });
  }

  /** TCP sends again what is not acknowledged, each time after twice the time (RFC 6298). */
  private untilCarried(run: () => void, againMs = firstAgainMs): void {
    this.later(() => {
      if (this.carries()) return run();
      this.parts.clock.schedule(againMs, () => void (this.isOpen && this.untilCarried(run, Math.min(againMs * 2, longestAgainMs))));
    });
  }

  private tellHeard(): void {
    for (const listen of this.heard) listen();
  }

  /** Whether the way it was opened by still leads there; what comes from another address is reset by the other end. */
  private carries(): boolean {
    const now = wayOf(this.parts, this.request);
    if (now.kind === 'none' || !this.isOpen) return false;
    if (isSameWay(now, this.opened)) {
      if (now.kind === 'bearer') this.parts.core.saw(this.parts.clock.monotonicMs(), now);
      return true;
    }
    this.end('ECONNRESET');
    return false;
  }

  private later(run: () => void): void {
    const { clock, random } = this.parts;
    clock.schedule(30 + 60 * random.next(), () => void (this.isOpen && run()));
  }

  private keepAlive(): void {
    const periodMs = this.request.keepaliveS * 1_000;
    this.parts.clock.schedule(periodMs, () => {
      if (!this.isOpen) return;
      if (!this.carries()) return void this.parts.clock.schedule(periodMs / 2, () => this.end('Keepalive timeout'));
      this.tellHeard();
      this.keepAlive();
    });
  }

  private end(code: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    for (const refuse of this.pending) refuse(gone());
    for (const listen of this.closed) listen(code);
    this.parts.host.left(this.visitor);
  }
}

const gone = () => new Fault('link.closed', 'the session has ended');

function wayOf({ core, kernel, ignoresPins }: NetworkParts, { path }: Pick<SessionRequest, 'path'>): Way {
  const port = path && !ignoresPins ? path.ports.first : null;
  return core.way(kernel(), kernel().route(port), controlPlaneHost);
}

async function connect(parts: NetworkParts, request: SessionRequest): Promise<CarriedSession> {
  const { clock, random, host } = parts;
  const pause = async (ms: number) => {
    await sleep(clock, ms, request.signal);
    if (request.signal?.aborted) throw new Fault('link.unreachable', 'aborted');
  };
  const way = wayOf(parts, request);
  const isRefused = parts.kernel().route(request.path ? request.path.ports.first : null) === 'unreachable';
  if (way.kind === 'none' && isRefused && !parts.ignoresPins) throw new Fault('link.unreachable', 'EHOSTUNREACH');
  await pause(150 + 200 * random.next());
  const now = wayOf(parts, request);
  if (now.kind === 'none' || !isSameWay(way, now)) {
    await pause(request.timeoutMs);
    throw new Fault('link.unreachable', 'ETIMEDOUT');
  }
  if (!host.isUp()) throw new Fault('link.unreachable', 'ECONNREFUSED');
  return new CarriedSession(parts, request, now);
}

/** Opens sessions for one process. */
export function transportOf(parts: NetworkParts, life: ProcessLife) {
  return {
    connect: (request: SessionRequest) =>
      life.call(`connect ${request.clientId.includes('~') ? 'of the change' : 'of the device'}`, async () => {
        const session = await connect(parts, request);
        life.onEnd(() => session.drop());
        const watched: Session = {
          publish: (topic, payload) => life.call(`publish ${topic.split('/').at(-1)}`, () => session.publish(topic, payload)),
          subscribe: () => life.answer(() => session.subscribe()),
          onMessage: (listen) => session.onMessage((topic, payload) => void (life.alive && listen(topic, payload))),
          onHeard: (listen) => session.onHeard(() => void (life.alive && listen())),
          onClose: (listen) => session.onClose((code) => void (life.alive && listen(code))),
          close: () => life.answer(() => session.close()),
        };
        return watched;
      }),
  };
}
