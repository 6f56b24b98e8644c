import { TextDecoder } from 'node:util';
import { CsvReader, type CsvRow } from './csv-reader.ts';
import { type Columns, columnsOf, identifierOf, type RowReading } from './identifier.ts';

export const maxListRows = 100_000;
export const maxListOctets = 8 * 1024 * 1024;

export interface ReadRow {
  readonly line: number;
  readonly reading: RowReading;
}

export type FileRefusal = 'too-many-rows' | 'too-large' | 'row-too-long' | 'not-utf8';

export type FileReading = { readonly ok: true; readonly rows: readonly ReadRow[] } | { readonly ok: false; readonly refusal: FileRefusal };

function decoded(decoder: TextDecoder, octets?: Uint8Array): string | null {
  try {
    return octets ? decoder.decode(octets, { stream: true }) : decoder.decode();
  } catch {
    return null;
  }
}

/** What has been read so far of one file. */
class Reading {
  readonly rows: ReadRow[] = [];
  #columns: Columns | null = null;
  #isFirst = true;

  add(rows: readonly CsvRow[]): void {
    for (const { line, cells } of rows) {
      const columns = this.#isFirst ? columnsOf(cells) : null;
      this.#isFirst = false;
      if (columns) this.#columns = columns;
      else this.rows.push({ line, reading: identifierOf(cells, this.#columns) });
    }
  }
}

/** Reads a CSV of devices as it arrives: never more of it in memory than one piece and what its rows say. */
export async function readIdentifiers(file: AsyncIterable<Uint8Array>): Promise<FileReading> {
  const reader = new CsvReader();
  const reading = new Reading();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let octets = 0;
  for await (const piece of file) {
    octets += piece.length;
    if (octets > maxListOctets) return { ok: false, refusal: 'too-large' };
    const text = decoded(decoder, piece);
    if (text === null) return { ok: false, refusal: 'not-utf8' };
    const rows = reader.push(text);
    if (!rows) return { ok: false, refusal: 'row-too-long' };
    reading.add(rows);
    if (reading.rows.length > maxListRows) return { ok: false, refusal: 'too-many-rows' };
  }
  if (decoded(decoder) === null) return { ok: false, refusal: 'not-utf8' };
  reading.add(reader.end());
  return reading.rows.length > maxListRows ? { ok: false, refusal: 'too-many-rows' } : { ok: true, rows: reading.rows };
}
