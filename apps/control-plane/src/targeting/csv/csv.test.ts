import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvReader, type CsvRow, maxRowLength } from './csv-reader.ts';
import { columnsOf, identifierOf } from './identifier.ts';
import { readIdentifiers } from './read-identifiers.ts';

function readIn(pieces: readonly string[]): CsvRow[] {
  const reader = new CsvReader();
  return [...pieces.flatMap((piece) => reader.push(piece) ?? []), ...reader.end()];
}
const encoder = new TextEncoder();
async function* fileOf(...pieces: (string | Uint8Array)[]) {
  for (const piece of pieces) yield typeof piece === 'string' ? encoder.encode(piece) : piece;
}

describe('a CSV file', () => {
  it('is read the same in whatever pieces it comes, with any quoting', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '8', '"', ',', ';', '\n', '\r\n', ' ', 'é'), maxLength: 6 });
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(rows, fc.array(fc.nat(200), { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), (table, cuts, lineEnd) => {
        const file = table.map((cells) => `x,${cells.map(quoted).join(',')},y`).join(lineEnd);
        const places = [0, ...cuts.map((cut) => cut % (file.length + 1)).toSorted((left, right) => left - right), file.length];
        const pieces = places.slice(1).map((place, index) => file.slice(places[index], place));
        expect(readIn(pieces).map(({ cells }) => cells.slice(1, -1))).toEqual(
          // A first row with more semicolons than commas would be read by them: the frame of x and y keeps commas in the lead.
          readIn([file]).map(({ cells }) => cells.slice(1, -1)),
        );
      }),
    );
  });

  it('keeps cells as they were quoted', () => {
    expect(readIn(['a,"b ""c"", d",e\r\n', '1,"2\n3",4'])).toEqual([
      { line: 1, cells: ['a', 'b "c", d', 'e'] },
      { line: 2, cells: ['1', '2\n3', '4'] },
    ]);
  });

  it('counts lines as an editor does, blank ones and those inside quotes too', () => {
    expect(readIn(['a\n\n"b\nb"\nc\n']).map(({ line }) => line)).toEqual([1, 3, 5]);
  });

  it.each([';', '\t', ','])('is separated by what its first line is separated by: %j', (delimiter) => {
    expect(readIn([`a${delimiter}b\nc${delimiter}d`]).map(({ cells }) => cells)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('is refused where a quote is never closed', () => {
    expect(new CsvReader().push(`"${'a\n'.repeat(maxRowLength)}`)).toBeNull();
  });
});

describe('a row', () => {
  it.each([
    ['0123456789', 'device'],
    ['ZZZZZZZZZZ', 'device'],
    ['860000000000001', 'imei'],
    ['86-000000-000000-1', 'imei'],
    ['8949020000000000001', 'iccid'],
    ['8949 0200 0000 0000 001F', 'iccid'],
    ['89490200000000000012', 'iccid'],
  ])('says by the shape of %s that it is a %s', (cell, kind) => {
    expect(identifierOf([cell, 'remark'], null)).toMatchObject({ ok: true, identifier: { kind } });
  });

  it.each(['8.94902E+18', 'gateway 7', '12345', 'iiiiiiiiii'])('that holds %s names no device', (cell) => {
    expect(identifierOf([cell], null)).toEqual({ ok: false, code: 'row.unreadable', value: cell });
  });

  it('is read by the columns that the heading names, the strongest that is filled in', () => {
    const columns = columnsOf(['Remark', 'IMEI', 'Device ID']);
    expect(columns?.map(({ kind }) => kind)).toEqual(['device', 'imei']);
    expect(identifierOf(['x', '860000000000001', '0123456789'], columns)).toMatchObject({ identifier: { kind: 'device' } });
    expect(identifierOf(['x', '860000000000001', ''], columns)).toMatchObject({ identifier: { kind: 'imei' } });
    expect(identifierOf(['x', '', ''], columns)).toMatchObject({ code: 'row.no-identifier' });
    expect(identifierOf(['x', '0123456789', ''], columns)).toMatchObject({ code: 'row.unreadable' });
  });

  it('without known headings is a row like the others', () => {
    expect(columnsOf(['0123456789', 'constructor'])).toBeNull();
  });
});

describe('a file of devices', () => {
  it('may be cut inside a letter, and begin with a byte order mark', async () => {
    const octets = encoder.encode('\uFEFFremärk,iccid\né,8949020000000000001\n');
    const cuts = [...octets].map((octet) => Uint8Array.of(octet));
    expect(await readIdentifiers(fileOf(...cuts))).toEqual({
      ok: true,
      rows: [{ line: 2, reading: { ok: true, identifier: { kind: 'iccid', value: '8949020000000000001' } } }],
    });
  });

  it('is refused when it is no UTF-8, too large or too long', async () => {
    expect(await readIdentifiers(fileOf(Uint8Array.of(0xff, 0xfe)))).toMatchObject({ refusal: 'not-utf8' });
    expect(await readIdentifiers(fileOf('a\n', Uint8Array.of(0xc3)))).toMatchObject({ refusal: 'not-utf8' });
    const large = Array.from({ length: 9 }, () => '\n'.repeat(1024 * 1024));
    expect(await readIdentifiers(fileOf(...large))).toMatchObject({ refusal: 'too-large' });
    expect(await readIdentifiers(fileOf('a\n'.repeat(100_001)))).toMatchObject({ refusal: 'too-many-rows' });
  });
});
