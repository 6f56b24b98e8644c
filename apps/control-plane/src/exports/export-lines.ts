import type { ExportFormat, ExportRow } from '@towline/protocol/http';

/** Spreadsheets take a cell that begins so for a formula, and names come from devices and people: an apostrophe makes it text. */
const formulaStart = /^\s*[=+\-@]|^[\t\r]/;

/** One cell by RFC 4180. Numbers and truth values are as they are; what is not known is empty. */
export function csvCell(value: ExportRow[string]): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = formulaStart.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const csvLine = (values: readonly ExportRow[string][]) => `${values.map(csvCell).join(',')}\r\n`;

const lineOf = (format: ExportFormat, columns: readonly string[], row: ExportRow) =>
  format === 'csv' ? csvLine(columns.map((column) => row[column] ?? null)) : `${JSON.stringify(row)}\n`;

/**
 * Rows as lines of a file; a CSV has its heading even where there is no row. The first row is read before the heading is given away, for until then
 * an error can still be answered as one.
 */
export async function* exportLines(
  format: ExportFormat,
  columns: readonly string[],
  rows: AsyncGenerator<ExportRow>,
): AsyncGenerator<string> {
  const first = await rows.next();
  if (format === 'csv') yield csvLine(columns);
  if (first.done) return;
  yield lineOf(format, columns, first.value);
  for await (const row of rows) yield lineOf(format, columns, row);
}

export const contentTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
};
