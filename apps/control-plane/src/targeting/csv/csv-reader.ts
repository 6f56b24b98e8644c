/** One row of a file; `line` is where it begins, from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Longer than any identifier with its neighbours; a quote that is never closed must not gather the whole file. */
export const maxRowLength = 4096;

export type CsvDelimiter = ',' | ';' | '\t';

/** What the first row is separated by: whichever of these it has most of. */
export function delimiterOf(firstLine: string): CsvDelimiter {
  const count = (delimiter: string) => firstLine.split(delimiter).length;
  const [best] = ([',', ';', '\t'] as const).toSorted((left, right) => count(right) - count(left));
  return best ?? ',';
}

/**
 * Reads RFC 4180 in pieces of any size: quotes, doubled quotes, line ends inside quotes, CR LF or LF. Blank lines are left out. The delimiter
 * is found in the first line.
 */
export class CsvReader {
  #rest = '';
  #line = 1;
  #delimiter: CsvDelimiter | null = null;

  /** Rows that are complete with this piece. @returns null when a row is longer than `maxRowLength` */
  push(piece: string): CsvRow[] | null {
    this.#rest += piece;
    const rows: CsvRow[] = [];
    let start = 0;
    let quoted = false;
    for (let index = 0; index < this.#rest.length; index += 1) {
      const sign = this.#rest[index];
      if (sign === '"') quoted = !quoted;
      if (sign !== '\n' || quoted) continue;
      if (index === start) this.#line += 1;
      else rows.push(...this.#row(this.#rest.slice(start, index)));
      start = index + 1;
    }
    this.#rest = this.#rest.slice(start);
    return this.#rest.length > maxRowLength || rows.some(isTooLong) ? null : rows;
  }

  /** What stands behind the last line end. */
  end(): CsvRow[] {
    const rows = this.#row(this.#rest);
    this.#rest = '';
    return rows;
  }

  #row(text: string): CsvRow[] {
    const line = this.#line;
    this.#line += text.split('\n').length;
    const record = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (record.trim() === '') return [];
    this.#delimiter ??= delimiterOf(record);
    return [{ line, cells: cellsOf(record, this.#delimiter) }];
  }
}

const isTooLong = ({ cells }: CsvRow) => cells.reduce((sum, cell) => sum + cell.length, 0) > maxRowLength;

const unquoted = (cell: string): string => {
  const text = cell.trim();
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
};

function cellsOf(record: string, delimiter: CsvDelimiter): string[] {
  const cells: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < record.length; index += 1) {
    if (record[index] === '"') quoted = !quoted;
    if (record[index] !== delimiter || quoted) continue;
    cells.push(unquoted(record.slice(start, index)));
    start = index + 1;
  }
  return [...cells, unquoted(record.slice(start))];
}
