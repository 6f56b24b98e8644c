import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { type DnsAnswer, decodeAnswer, encodeQuestion, type RecordType } from '../../core/dns/dns-message.ts';
import { canonicalAddress } from '../../core/host-network/canonical-address.ts';
import type { PortRing } from './port-ring.ts';

const dnsPort = 53;
const bindTries = 8;

function bound(resolver: string, port: number): Promise<Socket | null> {
  const socket = createSocket({ type: isIPv6(resolver) ? 'udp6' : 'udp4', reuseAddr: false });
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close();
      resolve(null);
    });
    socket.bind(port, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

/** A socket from one of the bearer's own ports. */
async function pinnedSocket(resolver: string, ring: PortRing): Promise<Socket | null> {
  for (let tries = 0; tries < bindTries; tries += 1) {
    const socket = await bound(resolver, ring.next());
    if (socket) return socket;
  }
  return null;
}

export interface PinnedQuestion {
  readonly name: string;
  readonly type: RecordType;
  readonly timeoutMs: number;
}

function asked(socket: Socket, resolver: string, { name, type, timeoutMs }: PinnedQuestion): Promise<DnsAnswer | null> {
  const id = randomInt(65_536);
  const question = encodeQuestion({ id, name, type });
  if (!question) return Promise.resolve(null);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), timeoutMs);
    const end = (answer: DnsAnswer | null) => {
      clearTimeout(timer);
      resolve(answer);
    };
    // EHOSTUNREACH comes so when the bearer's table has nothing but its end.
    socket.on('error', () => end(null));
    socket.on('message', (bytes, from) => {
      const answer = decodeAnswer(bytes);
      const isAsked = from.port === dnsPort && canonicalAddress(from.address) === canonicalAddress(resolver);
      if (answer?.id === id && isAsked) end(answer);
    });
    socket.send(question, dnsPort, resolver, (error) => error && end(null));
  });
}

/** Asks one resolver over one bearer; null when nothing came back in time. */
export async function askPinned(resolver: string, ring: PortRing, question: PinnedQuestion): Promise<DnsAnswer | null> {
  const socket = await pinnedSocket(resolver, ring);
  if (!socket) return null;
  try {
    return await asked(socket, resolver, question);
  } finally {
    socket.close();
  }
}

/** Address of a name by the first of the bearer's resolvers that knows it; null: none does. */
export async function resolvePinned(name: string, resolvers: readonly string[], ring: PortRing): Promise<string | null> {
  for (const resolver of resolvers) {
    for (const type of ['A', 'AAAA'] as const) {
      const answer = await askPinned(resolver, ring, { name, type, timeoutMs: 5_000 });
      const [address] = answer?.addresses ?? [];
      if (address !== undefined) return address;
      // A silent resolver stays silent for the other type too.
      if (answer === null) break;
    }
  }
  return null;
}
