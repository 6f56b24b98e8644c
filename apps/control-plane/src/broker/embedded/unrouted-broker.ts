import { Aedes, type Client, type PublishPacket } from 'aedes';

type Published = (error?: Error) => void;

/**
 * aedes without its routing: what a device says was handed on where it was authorised and goes to no other session, so matching its
 * topic against every subscription would find nobody. What goes down is written to its client.
 */
export class UnroutedBroker extends Aedes {
  /** aedes itself calls this with the client in between. */
  override publish(_packet: PublishPacket, sender: Client | null | Published, published?: Published): void {
    const done = typeof sender === 'function' ? sender : published;
    done?.();
  }
}
