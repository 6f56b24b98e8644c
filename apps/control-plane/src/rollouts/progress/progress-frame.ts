import { createHash } from 'node:crypto';
import type { RolloutProgress } from '@towline/protocol/http';
import { isOver } from './fold-progress.ts';

/** One server-sent event as text, with the id by which a reader who comes back says what it knows. */
export interface ProgressFrame {
  readonly id: string;
  readonly text: string;
  /** After it there is nothing to wait for. */
  readonly last: boolean;
}

/** The same progress has the same id in every process, so that a reader may come back to another. */
export function frameOf(progress: RolloutProgress): ProgressFrame {
  const data = JSON.stringify(progress);
  const id = createHash('sha256').update(data).digest('base64url').slice(0, 16);
  return { id, text: `id: ${id}\nevent: progress\ndata: ${data}\n\n`, last: isOver(progress) };
}
