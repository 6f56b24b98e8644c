import { changeAccount, parseAccount } from '@towline/protocol';
import type { Client } from 'aedes';

/** Who is connected, by client id: of a device its own session and that of its changes, at most one of each. */
export class Sessions {
  readonly #clients = new Map<string, Client>();

  get size(): number {
    return this.#clients.size;
  }

  add(client: Client): void {
    this.#clients.set(client.id, client);
  }

  /** A session that another has taken the place of is none any more. */
  delete(client: Client): void {
    if (this.#clients.get(client.id) === client) this.#clients.delete(client.id);
  }

  get(clientId: string): Client | undefined {
    return this.#clients.get(clientId);
  }

  of(device: string): readonly Client[] {
    return [device, changeAccount(device)].flatMap((id) => this.#clients.get(id) ?? []);
  }

  devices(): string[] {
    return [...new Set([...this.#clients.keys()].flatMap((id) => parseAccount(id)?.device ?? []))];
  }
}
