import type { Cancel, Clock } from '@towline/kit';
import { type AutomatonAction, type AutomatonEvent, type AutomatonState, isTimed, nextTransition } from './automaton.ts';
import {
  buildControlOptions,
  buildControlPacket,
  type ControlOption,
  type ControlPacket,
  codes,
  parseControlOptions,
  parseControlPacket,
} from './control-packet.ts';

/** What one side thinks of the other's request. */
export type Verdict = { readonly kind: 'ack' } | { readonly kind: 'nak' | 'reject'; readonly options: readonly ControlOption[] };

/** The options of one control protocol: what is asked for and what is taken. */
export interface OptionPolicy {
  request(): readonly ControlOption[];
  judge(options: readonly ControlOption[]): Verdict;
  /** The other side would rather have these values. */
  naked(options: readonly ControlOption[]): void;
  /** The other side does not know these. */
  rejected(options: readonly ControlOption[]): void;
}

export interface ControlProtocolParts {
  readonly clock: Pick<Clock, 'schedule'>;
  readonly policy: OptionPolicy;
  send(packet: Uint8Array): void;
  up(): void;
  down(): void;
  finished(): void;
  /** Handles a code beyond those of the automaton, in state opened or not; false: it is unknown. */
  extra?(packet: ControlPacket): boolean;
}

/** RFC 1661 clause 4.6. */
const restartMs = 3_000;
const requestBound = 10;
const terminationBound = 2;
/** After its Terminate-Ack a modem hangs up soon. */
const settleMs = 200;
/** Naks after which the rest is rejected, so that a negotiation ends. */
const nakBound = 5;

/** One control protocol (LCP, IPCP, IPV6CP) on one link: the automaton with its timer, counters and packets. */
export class ControlProtocol {
  readonly #parts: ControlProtocolParts;
  #state: AutomatonState = 'closed';
  #left = 0;
  /** Of the request that is under way; an answer repeats it. */
  #requestId = 0;
  #rejectId = 0;
  #naks = 0;
  #timer: Cancel | null = null;
  #wasUsed = false;
  /** What the event that is carried out now came with. */
  #current: { readonly packet: ControlPacket; readonly verdict: Verdict } | null = null;

  constructor(parts: ControlProtocolParts) {
    this.#parts = parts;
  }

  get isOpened(): boolean {
    return this.#state === 'opened';
  }

  /** Whether it was opened at any time. */
  get wasUsed(): boolean {
    return this.#wasUsed;
  }

  open(): void {
    this.#happen('open');
  }

  close(): void {
    this.#happen('close');
  }

  /** The lower layer is gone: nothing is said any more. */
  drop(): void {
    this.#timer?.();
    this.#timer = null;
    const wasOpened = this.isOpened;
    this.#state = 'closed';
    if (wasOpened) this.#parts.down();
  }

  /** The other side does not know this protocol. */
  rejectedForGood(): void {
    this.#happen('rejected-for-good');
  }

  receive(bytes: Uint8Array): void {
    const packet = parseControlPacket(bytes);
    if (!packet) return;
    const verdict = this.#judge(packet);
    if (!verdict) return;
    const event = this.#eventOf(packet, verdict);
    if (!event) return;
    this.#current = { packet, verdict };
    this.#happen(event);
    this.#current = null;
  }

  #judge({ code, data }: ControlPacket): Verdict | null {
    if (code !== codes.configureRequest) return { kind: 'ack' };
    const options = parseControlOptions(data);
    if (!options) return null;
    const verdict = this.#parts.policy.judge(options);
    if (verdict.kind !== 'nak') return verdict;
    this.#naks += 1;
    if (this.#naks <= nakBound) return verdict;
    const types = new Set(verdict.options.map(({ type }) => type));
    return { kind: 'reject', options: options.filter(({ type }) => types.has(type)) };
  }

  #eventOf(packet: ControlPacket, verdict: Verdict): AutomatonEvent | null {
    switch (packet.code) {
      case codes.configureRequest:
        return verdict.kind === 'ack' ? 'good-request' : 'bad-request';
      case codes.configureAck:
        return packet.id === this.#requestId ? 'ack' : null;
      case codes.configureNak:
      case codes.configureReject:
        return this.#refused(packet);
      case codes.terminateRequest:
        return 'terminate-request';
      case codes.terminateAck:
        return 'terminate-ack';
      case codes.codeReject:
        return null;
      default:
        return this.#parts.extra?.(packet) === true ? null : 'unknown-code';
    }
  }

  #refused({ code, id, data }: ControlPacket): AutomatonEvent | null {
    const options = parseControlOptions(data);
    if (!options || id !== this.#requestId) return null;
    if (code === codes.configureNak) this.#parts.policy.naked(options);
    else this.#parts.policy.rejected(options);
    return 'nak-or-reject';
  }

  #happen(event: AutomatonEvent): void {
    const { to, actions } = nextTransition(this.#state, event);
    this.#state = to;
    for (const action of actions) this.#act(action);
    if (!isTimed(this.#state)) {
      this.#timer?.();
      this.#timer = null;
    }
  }

  #act(action: AutomatonAction): void {
    switch (action) {
      case 'layer-up':
        this.#naks = 0;
        this.#wasUsed = true;
        return this.#parts.up();
      case 'layer-down':
        return this.#parts.down();
      case 'layer-finished':
        return this.#parts.finished();
      case 'count-requests':
        this.#left = requestBound;
        return;
      case 'count-terminations':
        this.#left = terminationBound;
        return;
      case 'count-none':
        this.#left = 0;
        return this.#arm(settleMs);
      default:
        return this.#sendFor(action);
    }
  }

  #sendFor(action: Extract<AutomatonAction, `send-${string}`>): void {
    const packet = this.#current?.packet;
    const id = packet?.id ?? 0;
    const nothing = new Uint8Array();
    switch (action) {
      case 'send-request':
        return this.#sendCounted(codes.configureRequest, buildControlOptions(this.#parts.policy.request()));
      case 'send-terminate-request':
        return this.#sendCounted(codes.terminateRequest, nothing);
      case 'send-ack':
        return this.#send({ code: codes.configureAck, id, data: packet?.data ?? nothing });
      case 'send-nak':
        return this.#sendRefusal(id);
      case 'send-terminate-ack':
        return this.#send({ code: codes.terminateAck, id, data: nothing });
      case 'send-code-reject':
        this.#rejectId += 1;
        return this.#send({ code: codes.codeReject, id: this.#rejectId, data: packet ? buildControlPacket(packet) : nothing });
    }
  }

  #sendRefusal(id: number): void {
    const verdict = this.#current?.verdict;
    if (!verdict || verdict.kind === 'ack') return;
    const code = verdict.kind === 'nak' ? codes.configureNak : codes.configureReject;
    this.#send({ code, id, data: buildControlOptions(verdict.options) });
  }

  #sendCounted(code: number, data: Uint8Array): void {
    this.#left -= 1;
    this.#arm(restartMs);
    this.#requestId = (this.#requestId + 1) & 0xff;
    this.#send({ code, id: this.#requestId, data });
  }

  #send(packet: ControlPacket): void {
    this.#parts.send(buildControlPacket(packet));
  }

  #arm(delayMs: number): void {
    this.#timer?.();
    this.#timer = this.#parts.clock.schedule(delayMs, () => {
      this.#timer = null;
      this.#happen(this.#left > 0 ? 'timeout' : 'last-timeout');
    });
  }
}
