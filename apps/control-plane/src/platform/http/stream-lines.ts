import type { Clock } from '@towline/kit';
import type { HttpReply } from './exchange.ts';

/** A reader that takes nothing for so long is gone. */
const stalledMs = 30_000;

export interface LineStream {
  readonly contentType: string;
  /** Name of the file, for those who save it. */
  readonly fileName?: string;
  /** How many rows it is about to have, for those who show how far it is: told in `x-total-count`. */
  readonly rows?: number;
  readonly lines: AsyncIterable<string>;
  readonly clock: Clock;
}

type Drained = 'drained' | 'gone';

function drained({ raw }: HttpReply, clock: Clock): Promise<Drained> {
  return new Promise((resolve) => {
    const cancel = clock.schedule(stalledMs, () => finish('gone'));
    const onDrain = () => finish('drained');
    const onClose = () => finish('gone');
    function finish(how: Drained): void {
      cancel();
      raw.off('drain', onDrain);
      raw.off('close', onClose);
      resolve(how);
    }
    raw.on('drain', onDrain);
    raw.on('close', onClose);
  });
}

/** Values as lines of JSON. */
export async function* jsonLines(values: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`;
}

/**
 * Answers with lines as they are made, no faster than they are read. What goes wrong before the first line is answered like any other error; after
 * it the connection is cut, so that nobody takes a part for the whole.
 */
export async function streamLines(reply: HttpReply, { contentType, fileName, rows, lines, clock }: LineStream): Promise<void> {
  const iterator = lines[Symbol.asyncIterator]();
  let next = await iterator.next();
  reply.hijack();
  const { raw } = reply;
  const disposition = fileName === undefined ? {} : { 'content-disposition': `attachment; filename="${fileName}"` };
  const count = rows === undefined ? {} : { 'x-total-count': rows };
  raw.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store', 'x-accel-buffering': 'no', ...disposition, ...count });
  let isGone = false;
  raw.on('close', () => (isGone = true));
  try {
    while (!next.done && !isGone && !raw.destroyed) {
      if (!raw.write(next.value) && (await drained(reply, clock)) === 'gone') isGone = true;
      else next = await iterator.next();
    }
  } catch (error) {
    raw.destroy();
    throw error;
  }
  await iterator.return?.();
  if (next.done) raw.end();
  else raw.destroy();
}
