import type { RolloutProgress, RolloutWindows } from '@towline/protocol/http';
import type { StreamSink } from '../../events/change-stream.ts';
import type { Caller } from '../../operators/authorise.ts';
import { found, refusal } from '../../platform/refusal.ts';
import { frameOf } from './progress-frame.ts';
import { ProgressHub, type ProgressHubOptions } from './progress-hub.ts';
import { ProgressStream } from './progress-stream.ts';

const maxStreams = 500;
/** So that one tenant's screens cannot take all. */
export const maxStreamsOfTenant = 100;
/** A token revoked meanwhile is refused when the reader comes back. */
const maxStreamMs = 3_600_000;

export interface ProgressReads extends ProgressHubOptions {
  readonly readWindows: (tenant: string, rollout: string) => Promise<RolloutWindows | null>;
}

export interface ProgressRequest {
  readonly rollout: string;
  readonly knownId: string | null;
}

export class ProgressService {
  readonly #options: ProgressReads;
  readonly #hubs = new Map<string, ProgressHub>();
  readonly #open = new Map<() => void, string>();

  constructor(options: ProgressReads) {
    this.#options = options;
  }

  async windows(caller: Caller, rollout: string): Promise<RolloutWindows> {
    return found(await this.#options.readWindows(caller.tenant, rollout), 'rollout');
  }

  async get(caller: Caller, rollout: string): Promise<RolloutProgress> {
    return found(await this.#options.read(caller.tenant, rollout), 'rollout');
  }

  /** @returns `nothing-new` when it is over and the reader knows its end: it need not come back */
  async openStream({ tenant }: Caller, { rollout, knownId }: ProgressRequest, openSink: () => StreamSink): Promise<'open' | 'nothing-new'> {
    const ofTenant = [...this.#open.values()].filter((owner) => owner === tenant).length;
    if (this.#open.size >= maxStreams || ofTenant >= maxStreamsOfTenant) throw refusal('unavailable', 'too many streams are open already');
    const frame = frameOf(found(await this.#options.read(tenant, rollout), 'rollout'));
    if (frame.last && frame.id === knownId) return 'nothing-new';
    const sink = openSink();
    const end = new ProgressStream(sink, this.#options.clock, knownId).open(this.#hubOf(tenant, rollout));
    this.#open.set(end, tenant);
    const cancel = this.#options.clock.schedule(maxStreamMs, end);
    sink.onClose(() => {
      cancel();
      this.#open.delete(end);
    });
    return 'open';
  }

  /** So that the server can close: readers reconnect by themselves. */
  beforeApplicationShutdown(): void {
    for (const end of this.#open.keys()) end();
  }

  #hubOf(tenant: string, rollout: string): ProgressHub {
    const key = `${tenant}/${rollout}`;
    for (const [name, hub] of this.#hubs) if (name !== key && !hub.isWatched) this.#hubs.delete(name);
    const hub = this.#hubs.get(key) ?? new ProgressHub({ tenant, rollout }, this.#options);
    this.#hubs.set(key, hub);
    return hub;
  }
}
