import type { Clock } from '@towline/kit';
import type { EventItem, EventQuery, Page, StreamQuery } from '@towline/protocol/http';
import type { Caller } from '../operators/authorise.ts';
import type { ChangeFeed } from '../platform/change-feed.ts';
import { notFound, refusal } from '../platform/refusal.ts';
import { ChangeStream, type StreamSink } from './change-stream.ts';
import type { EventsRepository } from './events.repository.ts';

const maxStreams = 500;
/** A token revoked meanwhile is refused when the reader comes back. */
const maxStreamMs = 3_600_000;

export class EventsService {
  readonly #events: EventsRepository;
  readonly #feed: Pick<ChangeFeed, 'subscribe'>;
  readonly #clock: Clock;
  readonly #open = new Set<() => void>();

  constructor(events: EventsRepository, feed: Pick<ChangeFeed, 'subscribe'>, clock: Clock) {
    this.#events = events;
    this.#feed = feed;
    this.#clock = clock;
  }

  list(caller: Caller, query: EventQuery): Promise<Page<EventItem>> {
    return this.#events.list(caller.tenant, query);
  }

  async openStream(caller: Caller, { device }: StreamQuery, openSink: () => StreamSink): Promise<void> {
    if (this.#open.size >= maxStreams) throw refusal('unavailable', `${maxStreams} streams are open already`);
    if (device !== undefined && !(await this.#events.deviceExists(caller.tenant, device))) throw notFound('device');
    const sink = openSink();
    const end = new ChangeStream(sink, this.#clock).open(this.#feed, { tenant: caller.tenant, device });
    this.#open.add(end);
    const cancel = this.#clock.schedule(maxStreamMs, end);
    sink.onClose(() => {
      cancel();
      this.#open.delete(end);
    });
  }

  /** So that the server can close: readers reconnect by themselves. */
  beforeApplicationShutdown(): void {
    for (const end of this.#open) end();
  }
}
