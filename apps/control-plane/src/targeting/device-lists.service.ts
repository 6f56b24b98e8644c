import type { BadRow, DeviceList, ImportedList, ImportLine, ImportListQuery, Page, PageQuery } from '@towline/protocol/http';
import type { Caller } from '../operators/authorise.ts';
import { problemOf } from '../platform/http/problem.ts';
import { found, notFound, refusal } from '../platform/refusal.ts';
import { maxRowLength } from './csv/csv-reader.ts';
import { type FileRefusal, maxListOctets, maxListRows, type ReadRow, readIdentifiers } from './csv/read-identifiers.ts';
import { type DeviceListsRepository, identifierKey } from './device-lists.repository.ts';

/** Identifiers looked up by one query, after each of which the progress is told. */
const lookupSize = 2000;
/** Bad rows that are shown; all are counted. */
const shownBadRows = 1000;

const fileRefusals: Readonly<Record<FileRefusal, string>> = {
  'too-large': `a list has at most ${maxListOctets} octets: split it`,
  'too-many-rows': `a list has at most ${maxListRows} rows: split it`,
  'row-too-long': `a row is longer than ${maxRowLength} characters: a quote may not be closed`,
  'not-utf8': 'the file is not UTF-8 text',
};

const rowTexts: Readonly<Record<BadRow['code'], string>> = {
  'row.unreadable': 'is neither a device id nor an ICCID nor an IMEI; a spreadsheet may have rounded it',
  'row.no-identifier': 'names no device',
  'device.not-found': 'no device has it',
  'device.ambiguous': 'several devices have it',
};

interface Resolution {
  readonly devices: ReadonlySet<string>;
  readonly repeated: number;
  readonly bad: readonly BadRow[];
}

type Steps<Result> = AsyncGenerator<Extract<ImportLine, { progress: unknown }>, Result>;

/** Imports lists of devices: read as they arrive, looked up in chunks, written in one transaction at the end. */
export class DeviceListsService {
  readonly #lists: DeviceListsRepository;

  constructor(lists: DeviceListsRepository) {
    this.#lists = lists;
  }

  list(caller: Caller, query: PageQuery): Promise<Page<DeviceList>> {
    return this.#lists.list(caller.tenant, query);
  }

  async get(caller: Caller, id: string): Promise<DeviceList> {
    return found(await this.#lists.get(caller.tenant, id), 'list');
  }

  async remove(caller: Caller, id: string): Promise<void> {
    if (!(await this.#lists.remove(caller, id))) throw notFound('list');
  }

  async import(caller: Caller, query: ImportListQuery, file: AsyncIterable<Uint8Array>): Promise<ImportedList> {
    const steps = this.#steps(caller, query, file);
    for (;;) {
      const step = await steps.next();
      if (step.done) return step.value;
    }
  }

  /** The same, told as it goes. @throws what is no fault of the file's */
  async *importTold(caller: Caller, query: ImportListQuery, file: AsyncIterable<Uint8Array>): AsyncGenerator<ImportLine> {
    try {
      yield { list: yield* this.#steps(caller, query, file) };
    } catch (error) {
      const problem = problemOf(error);
      if (problem.status >= 500) throw error;
      yield { problem };
    }
  }

  async *#steps(caller: Caller, { name, partial }: ImportListQuery, file: AsyncIterable<Uint8Array>): Steps<ImportedList> {
    const reading = await readIdentifiers(file);
    if (!reading.ok) {
      const isSize = reading.refusal === 'too-large' || reading.refusal === 'too-many-rows';
      throw refusal(isSize ? 'request.too-large' : 'request.invalid', `${fileRefusals[reading.refusal]}; nothing was imported`);
    }
    const { devices, repeated, bad } = yield* this.#resolve(caller.tenant, reading.rows);
    if (bad.length > 0 && partial === 'false') throw refused(bad);
    if (devices.size === 0) throw refusal('request.invalid', 'the file names no device; nothing was imported', errorsOf(bad));
    const list = await this.#lists.create(caller, { name, devices: [...devices].sort() });
    return { ...list, rows: reading.rows.length, repeated, bad: bad.length, badRows: bad.slice(0, shownBadRows) };
  }

  async *#resolve(tenantId: string, rows: readonly ReadRow[]): Steps<Resolution> {
    const devices = new Set<string>();
    const bad: BadRow[] = [];
    let repeated = 0;
    for (let start = 0; start < rows.length; start += lookupSize) {
      const chunk = rows.slice(start, start + lookupSize);
      const identifiers = chunk.flatMap(({ reading }) => (reading.ok ? [reading.identifier] : []));
      const known = await this.#lists.devicesBy(tenantId, identifiers);
      for (const row of chunk) {
        const named = deviceOf(row, known);
        if ('code' in named) bad.push(named);
        else if (devices.has(named.device)) repeated += 1;
        else devices.add(named.device);
      }
      yield { progress: { rows: start + chunk.length, of: rows.length } };
    }
    return { devices, repeated, bad };
  }
}

function deviceOf({ line, reading }: ReadRow, known: ReadonlyMap<string, readonly string[]>): BadRow | { readonly device: string } {
  if (!reading.ok) return { line, value: reading.value, code: reading.code };
  const [device, another] = known.get(identifierKey(reading.identifier)) ?? [];
  const { value } = reading.identifier;
  if (device === undefined) return { line, value, code: 'device.not-found' };
  return another === undefined ? { device } : { line, value, code: 'device.ambiguous' };
}

const errorsOf = (bad: readonly BadRow[]) =>
  bad.slice(0, shownBadRows).map(({ line, value, code }) => ({ path: `line ${line}`, message: `${code}: ${value} ${rowTexts[code]}` }));

const refused = (bad: readonly BadRow[]) =>
  refusal(
    'request.invalid',
    `rows that name no device: ${bad.length}; nothing was imported. Mend them, or import with partial=true`,
    errorsOf(bad),
  );
