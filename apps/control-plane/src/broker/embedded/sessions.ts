import type { Client } from 'aedes';

/** Sessions of one device: its own, and those of changes under way (`<device>~<transaction>`), of which an agent has one at a time. */
export const maxSessionsOfDevice = 4;

/** Who is connected, by client id and by device. */
export class Sessions {
  readonly #clients = new Map<string, Client>();
  readonly #ofDevice = new Map<string, Set<Client>>();

  get size(): number {
    return this.#clients.size;
  }

  /** @returns false when the device has too many already */
  add(device: string, client: Client): boolean {
    const ofDevice = this.#ofDevice.get(device) ?? new Set();
    if (ofDevice.size >= maxSessionsOfDevice) return false;
    this.#ofDevice.set(device, ofDevice.add(client));
    this.#clients.set(client.id, client);
    return true;
  }

  delete(device: string, client: Client): void {
    const ofDevice = this.#ofDevice.get(device);
    ofDevice?.delete(client);
    if (ofDevice?.size === 0) this.#ofDevice.delete(device);
    if (this.#clients.get(client.id) === client) this.#clients.delete(client.id);
  }

  /** The session with this client id; a device's own is named like the device. */
  get(clientId: string): Client | undefined {
    return this.#clients.get(clientId);
  }

  of(device: string): readonly Client[] {
    return [...(this.#ofDevice.get(device) ?? [])];
  }

  devices(): string[] {
    return [...this.#ofDevice.keys()];
  }
}
