import { Aedes, type AedesOptions, type Client, type PublishPacket } from 'aedes';

type Published = (error?: Error) => void;

/**
 * How often aedes tells itself that it lives. At every fourth it publishes the last wills of brokers that have not told for three: with a day
 * between them, a clock that steps or a machine that slept does not make it one of those.
 */
const heartbeatMs = 24 * 60 * 60_000;

const isHeartbeat = (topic: string) => topic.startsWith('$SYS/') && topic.endsWith('/heartbeat');

/**
 * aedes without its routing: what a device says was handed on where it was authorised and goes to no other session, so matching its
 * topic against every subscription would find nobody, and none is kept. What goes down is written to its client.
 */
export class UnroutedBroker extends Aedes {
  constructor(options: AedesOptions) {
    super({ heartbeatInterval: heartbeatMs, ...options });
  }

  /** aedes itself calls this with the client in between. */
  override publish(packet: PublishPacket, sender: Client | null | Published, published?: Published): void {
    const done = typeof sender === 'function' ? sender : published;
    // One that does not hear its own takes itself for dead, and publishes the last wills of everybody who is connected.
    if (isHeartbeat(packet.topic)) super.publish(packet, (error) => done?.(error));
    else done?.();
  }

  override subscribe(_topic: string, _deliver: unknown, done: () => void): void {
    done();
  }

  /** Without `done` where one subscription replaces another. */
  override unsubscribe(_topic: string, _deliver: unknown, done?: () => void): void {
    done?.();
  }
}
