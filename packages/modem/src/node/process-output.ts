import type { Readable } from 'node:stream';

const maxLineBytes = 4096;

/** Collects what a stream says, up to `maxBytes`; the rest is read and dropped, so that the writer never blocks. */
export function boundedText(stream: Readable | null, maxBytes: number): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    const kept = chunk.subarray(0, Math.max(0, maxBytes - size));
    if (kept.length > 0) chunks.push(kept);
    size += kept.length;
  });
  stream?.on('error', () => undefined);
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Tells each line of a stream; one that is longer than 4 KiB is told in pieces. */
export function lineFeed(stream: Readable | null, tell: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) tell(line);
    if (rest.length < maxLineBytes) return;
    tell(rest);
    rest = '';
  });
  stream?.on('end', () => {
    if (rest !== '') tell(rest);
    rest = '';
  });
  stream?.on('error', () => undefined);
}
