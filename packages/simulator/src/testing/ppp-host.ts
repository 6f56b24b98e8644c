import { concatBytes, uint16At, uint16Bytes } from '../ip/address.ts';
import {
  buildControlOptions,
  buildControlPacket,
  type ControlOption,
  type ControlPacket,
  codes,
  parseControlOptions,
  parseControlPacket,
} from '../ppp/control-packet.ts';
import { createDeframer, encodeFrame, type PppPacket } from '../ppp/hdlc.ts';
import { md5 } from '../ppp/md5.ts';
import { pppProtocols } from '../ppp/ppp-peer.ts';

/** How the host of a test negotiates. */
export interface HostManner {
  readonly username?: string;
  readonly password?: string;
  /** What it will do when it is asked to authenticate; `none` rejects. */
  readonly auth: 'chap' | 'pap' | 'none';
  readonly asks?: Readonly<Record<number, readonly ControlOption[]>>;
}

export interface PppHost {
  receive(bytes: Uint8Array): void;
  say(protocol: number, packet: ControlPacket): void;
  packet(protocol: number, information: Uint8Array): void;
  /** All packets that came, as protocol and code, and how often; `c021/2`. */
  heard(): readonly string[];
  packets(): readonly PppPacket[];
  /** The values that the peer granted, by protocol and option. */
  granted(protocol: number, type: number): Uint8Array | undefined;
}

const defaultAsks: Readonly<Record<number, readonly ControlOption[]>> = {
  [pppProtocols.lcp]: [
    { type: 2, value: new Uint8Array(4) },
    { type: 5, value: Uint8Array.of(1, 2, 3, 4) },
    { type: 7, value: new Uint8Array() },
    { type: 8, value: new Uint8Array() },
  ],
  [pppProtocols.ipcp]: [
    { type: 2, value: Uint8Array.of(0, 0x2d, 15, 1) },
    { type: 3, value: new Uint8Array(4) },
    { type: 129, value: new Uint8Array(4) },
    { type: 131, value: new Uint8Array(4) },
  ],
  [pppProtocols.ipv6cp]: [{ type: 1, value: new Uint8Array(8) }],
};

const encoder = new TextEncoder();
const authValues = { chap: Uint8Array.of(0xc2, 0x23, 5), pap: Uint8Array.of(0xc0, 0x23) } as const;

/** A host's PPP as a test needs it: written for itself, asking as pppd asks. It does not retransmit. */
export function createPppHost(manner: HostManner, send: (bytes: Uint8Array) => void): PppHost {
  const packets: PppPacket[] = [];
  const asked = new Map<number, readonly ControlOption[]>(
    [pppProtocols.lcp, pppProtocols.ipcp, pppProtocols.ipv6cp].map((protocol) => [
      protocol,
      manner.asks?.[protocol] ?? defaultAsks[protocol] ?? [],
    ]),
  );
  const packet = (protocol: number, information: Uint8Array): void => send(encodeFrame({ protocol, information }, 0));
  const say = (protocol: number, control: ControlPacket): void => packet(protocol, buildControlPacket(control));
  const ask = (protocol: number): void =>
    say(protocol, { code: codes.configureRequest, id: 9, data: buildControlOptions(asked.get(protocol) ?? []) });

  function answerRequest(protocol: number, { id, data }: ControlPacket): void {
    const auth = (parseControlOptions(data) ?? []).find(({ type }) => protocol === pppProtocols.lcp && type === 3);
    if (auth && manner.auth === 'none') return say(protocol, { code: codes.configureReject, id, data: buildControlOptions([auth]) });
    const wish = manner.auth === 'none' ? null : authValues[manner.auth];
    if (auth && wish && uint16At(auth.value, 0) !== uint16At(wish, 0))
      return say(protocol, { code: codes.configureNak, id, data: buildControlOptions([{ type: 3, value: wish }]) });
    say(protocol, { code: codes.configureAck, id, data });
    // The peer took our own request before it heard this: the link is up at both ends.
    if (auth && manner.auth === 'pap') sayPap();
  }

  function takeRefusal(protocol: number, { code, data }: ControlPacket): void {
    const told = parseControlOptions(data) ?? [];
    const types = new Set(told.map(({ type }) => type));
    const kept = (asked.get(protocol) ?? []).filter(({ type }) => !types.has(type));
    asked.set(protocol, code === codes.configureNak ? [...kept, ...told] : kept);
    ask(protocol);
  }

  function control(protocol: number, information: Uint8Array): void {
    const one = parseControlPacket(information);
    if (!one) return;
    if (one.code === codes.configureRequest) {
      if (!packets.slice(0, -1).some((before) => before.protocol === protocol)) ask(protocol);
      answerRequest(protocol, one);
    }
    if (one.code === codes.configureNak || one.code === codes.configureReject) takeRefusal(protocol, one);
    if (one.code === codes.terminateRequest) say(protocol, { code: codes.terminateAck, id: one.id, data: new Uint8Array() });
  }

  function authenticate(protocol: number, information: Uint8Array): void {
    const one = parseControlPacket(information);
    if (protocol !== pppProtocols.chap || one?.code !== 1) return;
    const challenge = one.data.subarray(1, 1 + (one.data[0] ?? 0));
    const response = md5(concatBytes(Uint8Array.of(one.id), encoder.encode(manner.password ?? ''), challenge));
    say(protocol, { code: 2, id: one.id, data: concatBytes(Uint8Array.of(16), response, encoder.encode(manner.username ?? '')) });
  }

  function sayPap(): void {
    const [name, password] = [encoder.encode(manner.username ?? ''), encoder.encode(manner.password ?? '')];
    say(pppProtocols.pap, {
      code: 1,
      id: 1,
      data: concatBytes(Uint8Array.of(name.length), name, Uint8Array.of(password.length), password),
    });
  }

  const deframer = createDeframer((one) => {
    packets.push(one);
    const { protocol, information } = one;
    if (asked.has(protocol)) control(protocol, information);
    if (protocol === pppProtocols.chap) authenticate(protocol, information);
  });
  return {
    receive: (bytes) => deframer.receive(bytes),
    say,
    packet,
    heard: () => packets.map(({ protocol, information }) => `${protocol.toString(16)}/${information[0]}`),
    packets: () => packets,
    granted(protocol, type) {
      const acks = packets.filter((one) => one.protocol === protocol && one.information[0] === codes.configureAck);
      const options = parseControlOptions(acks.at(-1)?.information.subarray(4) ?? new Uint8Array()) ?? [];
      return options.find((option) => option.type === type)?.value;
    },
  };
}

/** A Protocol-Reject as a host says it. */
export function protocolReject(protocol: number): ControlPacket {
  return { code: codes.protocolReject, id: 1, data: uint16Bytes(protocol) };
}
