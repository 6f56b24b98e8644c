import type { Cancel, Clock } from '@towline/kit';
import { byteAt, concatBytes, sameBytes } from '../ip/address.ts';
import { buildControlPacket, parseControlPacket } from './control-packet.ts';
import type { AuthMethod } from './lcp-options.ts';
import { md5 } from './md5.ts';

/** What a host gave as proof: its name, and whether a password is the one it used. */
export interface Credentials {
  readonly username: string;
  provesKnowing(password: string): boolean;
}

export interface AuthenticationParts {
  readonly clock: Pick<Clock, 'schedule'>;
  readonly method: AuthMethod;
  /** Sixteen bytes that no one else gets. */
  readonly challenge: Uint8Array;
  send(packet: Uint8Array): void;
  /** The network's word on the credentials. */
  judge(credentials: Credentials): boolean;
  ended(accepted: boolean): void;
}

const papCodes = { request: 1, ack: 2, nak: 3 } as const;
const chapCodes = { challenge: 1, response: 2, success: 3, failure: 4 } as const;
const againMs = 3_000;
const tries = 10;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The length-prefixed field at an offset, or null when it is cut short. */
function field(data: Uint8Array, offset: number): Uint8Array | null {
  const end = offset + 1 + byteAt(data, offset);
  return offset < data.length && end <= data.length ? data.subarray(offset + 1, end) : null;
}

/** PAP (RFC 1334) and CHAP with MD5 (RFC 1994) on the side that asks. */
export class Authentication {
  readonly #parts: AuthenticationParts;
  #left = tries;
  #timer: Cancel | null = null;
  #accepted: boolean | null = null;

  constructor(parts: AuthenticationParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#parts.method === 'chap') {
      const challenge = this.#parts.challenge;
      this.#reply({
        code: chapCodes.challenge,
        id: 1,
        data: concatBytes(Uint8Array.of(challenge.length), challenge, encoder.encode('towline')),
      });
    }
    this.#left -= 1;
    this.#timer = this.#parts.clock.schedule(againMs, () => (this.#left > 0 ? this.start() : this.#end(false)));
  }

  stop(): void {
    this.#timer?.();
    this.#timer = null;
  }

  receive(bytes: Uint8Array): void {
    const packet = parseControlPacket(bytes);
    if (!packet) return;
    const { code, id, data } = packet;
    const isPap = this.#parts.method === 'pap';
    if (code !== (isPap ? papCodes.request : chapCodes.response)) return;
    const credentials = isPap ? papCredentials(data) : this.#chapCredentials(id, data);
    if (!credentials) return;
    // A repeated request gets the same answer again (RFC 1334 clause 2.2.1, RFC 1994 clause 4.1).
    const accepted = this.#accepted ?? this.#parts.judge(credentials);
    const answers = isPap ? [papCodes.nak, papCodes.ack] : [chapCodes.failure, chapCodes.success];
    const text = encoder.encode(accepted ? 'Welcome' : 'Authentication failed');
    this.#reply({ code: answers[accepted ? 1 : 0] ?? 0, id, data: isPap ? concatBytes(Uint8Array.of(text.length), text) : text });
    if (this.#accepted === null) this.#end(accepted);
  }

  #chapCredentials(id: number, data: Uint8Array): Credentials | null {
    const response = field(data, 0);
    if (!response) return null;
    const { challenge } = this.#parts;
    return {
      username: decoder.decode(data.subarray(1 + response.length)),
      provesKnowing: (password) => sameBytes(response, md5(concatBytes(Uint8Array.of(id), encoder.encode(password), challenge))),
    };
  }

  #reply(packet: { code: number; id: number; data: Uint8Array }): void {
    this.#parts.send(buildControlPacket(packet));
  }

  #end(accepted: boolean): void {
    this.stop();
    this.#accepted = accepted;
    this.#parts.ended(accepted);
  }
}

function papCredentials(data: Uint8Array): Credentials | null {
  const username = field(data, 0);
  const password = username && field(data, 1 + username.length);
  if (!username || !password) return null;
  return { username: decoder.decode(username), provesKnowing: (known) => sameBytes(password, encoder.encode(known)) };
}
