import type { Random } from '@towline/kit';
import type { LatencySummary } from '../latency.ts';
import { latencySummary } from '../latency.ts';
import type { DeviceList, ListKind } from './device-lists.ts';
import type { ListReader } from './list-reader.ts';

const warmUpRequests = 60;
const measuredRequests = 500;
/** Chance that a reader turns to the next page, while there is one. */
const turnShare = 0.7;
/** Chance that a reader starts in the depth of the list instead of at its first page. */
const deepShare = 0.3;
const deepPages = 20;
const deepPageSize = 500;

export interface ListLatency extends LatencySummary {
  readonly requests: number;
  /** Share of pages that had devices on them. */
  readonly filled: number;
}

interface Bookmark {
  readonly list: DeviceList;
  readonly cursor: string;
}

/** Cursors on the way through a list, as somebody has them who scrolls far; not measured. */
async function bookmarks(reader: ListReader, list: DeviceList): Promise<Bookmark[]> {
  const found: Bookmark[] = [];
  let cursor: string | null = null;
  for (let count = 0; count < deepPages; count += 1) {
    const { next } = await reader.page(list, { cursor, limit: deepPageSize });
    if (next === null) break;
    found.push({ list, cursor: next });
    cursor = next;
  }
  return found;
}

/** Latency of one kind of list: first pages and following ones, shallow and deep, of other values each time. */
export async function measureLists(reader: ListReader, kind: ListKind, random: Random): Promise<ListLatency> {
  const draw = () => kind.draw(random, Date.now());
  const deep = [...(await bookmarks(reader, draw())), ...(await bookmarks(reader, draw()))];
  const durations: number[] = [];
  let filled = 0;
  let place: { list: DeviceList; cursor: string | null } = { list: draw(), cursor: null };
  for (let count = -warmUpRequests; count < measuredRequests; count += 1) {
    const { tookMs, items, next } = await reader.page(place.list, { cursor: place.cursor });
    if (count >= 0) durations.push(tookMs);
    if (count >= 0 && items.length > 0) filled += 1;
    const bookmark = random.next() < deepShare ? deep[Math.floor(random.next() * deep.length)] : undefined;
    place = next !== null && random.next() < turnShare ? { list: place.list, cursor: next } : (bookmark ?? { list: draw(), cursor: null });
  }
  return { ...latencySummary(durations), requests: durations.length, filled: filled / durations.length };
}
