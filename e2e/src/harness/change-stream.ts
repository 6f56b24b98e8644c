import { streamChangeSchema } from '@towline/protocol/http';
import type * as z from 'zod';

type Change = z.infer<typeof streamChangeSchema>;

/** A reader of the server-sent events of the operator API. */
export interface ChangeReader {
  /** Every change heard so far. */
  readonly changes: readonly Change[];
  close(): Promise<void>;
}

/** Takes whole events off the front of `text`. */
function takeEvents(text: string): { readonly changes: Change[]; readonly rest: string } {
  const blocks = text.split('\n\n');
  const rest = blocks.pop() ?? '';
  const changes = blocks.flatMap((block) => {
    const data = /^data: ?(.*)$/m.exec(block)?.[1];
    const change = streamChangeSchema.safeParse(data === undefined ? null : JSON.parse(data));
    return change.success ? [change.data] : [];
  });
  return { changes, rest };
}

async function read(body: ReadableStream<Uint8Array>, changes: Change[]): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    const taken = takeEvents(text + decoder.decode(bytes, { stream: true }));
    text = taken.rest;
    changes.push(...taken.changes);
  }
}

/** Listens to all changes of the tenant; resolves when the stream is open. */
export async function readChanges(url: string, token: string): Promise<ChangeReader> {
  const ended = new AbortController();
  const response = await fetch(`${url}/v1/stream`, { headers: { authorization: `Bearer ${token}` }, signal: ended.signal });
  if (!response.ok || !response.body) throw new Error(`the change stream was answered with ${response.status}`);
  const changes: Change[] = [];
  const reading = read(response.body, changes).catch((error: unknown) => {
    if (!ended.signal.aborted) throw error;
  });
  return {
    changes,
    async close() {
      ended.abort();
      await reading;
    },
  };
}
