import { deviceIdSchema, iccidSchema } from '@towline/protocol';

/** How a row names its device. */
export type IdentifierKind = 'device' | 'iccid' | 'imei';

export interface Identifier {
  readonly kind: IdentifierKind;
  readonly value: string;
}

/** What the columns are called, letters without their case, spaces, dashes and underscores. */
const headings: Readonly<Record<string, IdentifierKind>> = {
  device: 'device',
  deviceid: 'device',
  id: 'device',
  iccid: 'iccid',
  sim: 'iccid',
  imei: 'imei',
};

/** Which column holds what; the earlier one is asked first. Null: the row is no heading. */
export type Columns = readonly { readonly index: number; readonly kind: IdentifierKind }[];

const order: readonly IdentifierKind[] = ['device', 'iccid', 'imei'];
const plain = (cell: string) => cell.toLowerCase().replaceAll(/[\s_-]/g, '');

/** The columns that a heading names; null where the row names none of them, and so is a row like the others. */
export function columnsOf(cells: readonly string[]): Columns | null {
  const named = cells.flatMap((cell, index) => {
    const name = plain(cell);
    const kind = Object.hasOwn(headings, name) ? headings[name] : undefined;
    return kind === undefined ? [] : [{ index, kind }];
  });
  return named.length === 0 ? null : named.toSorted((left, right) => order.indexOf(left.kind) - order.indexOf(right.kind));
}

/** IMEI: 15 digits (TS 23.003 clause 6.2.1), with or without the spaces and dashes that people put in. */
const imeiPattern = /^\d{15}$/;

function read(kind: IdentifierKind, cell: string): Identifier | null {
  const value = cell.replaceAll(/[\s-]/g, '');
  // Some firmwares leave the F that fills the last half octet of an ICCID (ITU-T E.118), and so do lists made with them.
  const iccid = value.replace(/f$/i, '');
  if (kind === 'iccid') return iccidSchema.safeParse(iccid).success ? { kind, value: iccid } : null;
  if (kind === 'imei') return imeiPattern.test(value) ? { kind, value } : null;
  const id = value.toLowerCase();
  return deviceIdSchema.safeParse(id).success ? { kind, value: id } : null;
}

export type RowReading =
  | { readonly ok: true; readonly identifier: Identifier }
  | { readonly ok: false; readonly code: 'row.unreadable' | 'row.no-identifier'; readonly value: string };

const shown = (cell: string) => cell.slice(0, 40);

/** How a row names its device. Without a heading the shape of the first cell that is not empty tells: they have different lengths. */
export function identifierOf(cells: readonly string[], columns: Columns | null): RowReading {
  const candidates = columns
    ? columns.map(({ index, kind }) => ({ cell: cells[index] ?? '', kinds: [kind] }))
    : cells.map((cell) => ({ cell, kinds: order }));
  const first = candidates.find(({ cell }) => cell !== '');
  if (!first) return { ok: false, code: 'row.no-identifier', value: '' };
  const identifier = first.kinds.map((kind) => read(kind, first.cell)).find((found) => found !== null);
  return identifier ? { ok: true, identifier } : { ok: false, code: 'row.unreadable', value: shown(first.cell) };
}
