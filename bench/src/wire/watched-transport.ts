import type { Session, Transport } from '@towline/agent';

/** One message that went through a session. */
export interface SeenMessage {
  readonly direction: 'up' | 'down';
  /** Last part of its topic. */
  readonly channel: string;
  readonly octets: number;
}

export interface WatchedTransport extends Transport {
  /** Sessions opened so far. */
  readonly opened: number;
  /** Ends the session that stands, as a loss of the link does; the agent opens another. */
  drop(): Promise<void>;
}

const channelOf = (topic: string) => topic.slice(topic.lastIndexOf('/') + 1);

/** The transport of the agent with somebody looking on. Its keepalive is divided by `pace`, as all other times are. */
export function watchTransport(inner: Transport, pace: number, see: (message: SeenMessage) => void): WatchedTransport {
  let session: Session | null = null;
  let opened = 0;
  const watched = (real: Session): Session => ({
    ...real,
    publish(topic, payload) {
      see({ direction: 'up', channel: channelOf(topic), octets: Buffer.byteLength(payload) + topic.length });
      return real.publish(topic, payload);
    },
    onMessage: (listen) =>
      real.onMessage((topic, payload) => {
        see({ direction: 'down', channel: channelOf(topic), octets: Buffer.byteLength(payload) + topic.length });
        listen(topic, payload);
      }),
  });
  return {
    get opened() {
      return opened;
    },
    async connect(request) {
      const real = await inner.connect({ ...request, keepaliveS: request.keepaliveS / pace });
      opened += 1;
      session = real;
      return watched(real);
    },
    async drop() {
      await session?.close();
    },
  };
}
