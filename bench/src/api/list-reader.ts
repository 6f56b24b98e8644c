import { Fault, faultText } from '@towline/kit';
import { type Device, devicePageSchema } from '@towline/protocol/http';
import type { DeviceList } from './device-lists.ts';

export interface ReadPage {
  readonly tookMs: number;
  readonly items: readonly Device[];
  readonly next: string | null;
}

const requestTimeoutMs = 30_000;

/** Reads pages of a list as a client does: one request at a time over a connection that stays open. */
export class ListReader {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#headers = { authorization: `Bearer ${token}` };
  }

  /**
   * One page; the time runs from the request to the last octet of the answer.
   * @throws Fault `bench.refused`, `bench.wrong-answer` when a device is in it that does not belong there
   */
  async page(
    { filter, sort, fits }: DeviceList,
    { cursor, limit = 50 }: { cursor?: string | null; limit?: number } = {},
  ): Promise<ReadPage> {
    const query = new URLSearchParams({
      limit: String(limit),
      ...(filter ? { filter } : {}),
      ...(sort ? { sort } : {}),
      ...(cursor ? { cursor } : {}),
    }).toString();
    const from = performance.now();
    const response = await fetch(`${this.#url}/v1/devices?${query}`, {
      headers: this.#headers,
      signal: AbortSignal.timeout(requestTimeoutMs),
    }).catch((cause: unknown) => {
      throw new Fault('bench.refused', `no answer to ${query}: ${faultText(cause)}`, { cause });
    });
    const text = await response.text();
    const tookMs = performance.now() - from;
    if (!response.ok) throw new Fault('bench.refused', `${query}: ${text}`);
    const { items, next } = devicePageSchema.parse(JSON.parse(text));
    const stranger = items.find((device) => !fits(device));
    if (stranger) throw new Fault('bench.wrong-answer', `${query} gave ${stranger.id}, which does not belong there`);
    return { tookMs, items, next };
  }
}
