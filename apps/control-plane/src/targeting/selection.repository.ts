import type { Selection } from '@towline/protocol/http';
import * as z from 'zod';
import { readGroupFilters } from '../devices/group-filters.repository.ts';
import type { Database } from '../platform/database.ts';
import { refusal } from '../platform/refusal.ts';
import { renderSql, type Sql, sql } from '../platform/sql.ts';
import { selectionCondition } from './selection-condition.ts';

const idsSchema = z.array(z.object({ id: z.string() }));
const countSchema = z.tuple([z.object({ count: z.int() })]);

/** As many as a person reads. */
const maxTold = 20;

const unknown = (what: 'group' | 'list') =>
  refusal('request.invalid', 'the selection names what does not exist', [{ path: `selection.${what}`, message: `no such ${what}` }]);

/** Which devices a selection names. */
export class SelectionRepository {
  readonly #database: Pick<Database, 'prisma' | 'pool'>;

  constructor(database: Pick<Database, 'prisma' | 'pool'>) {
    this.#database = database;
  }

  /**
   * The selection as a condition on `device d`, which stays the caller's to bind to the tenant (`d.tenant_id = …`).
   * @throws Fault `request.invalid` for a group or list that is not there, `filter.invalid`
   */
  async condition(tenantId: string, selection: Selection): Promise<Sql> {
    const { group: groupId, list: listId } = selection;
    const { prisma } = this.#database;
    if (listId !== undefined && (await prisma.deviceList.count({ where: { tenantId, id: listId } })) === 0) throw unknown('list');
    if (groupId === undefined) return selectionCondition(selection, null, await readGroupFilters(prisma, tenantId, selection.filter));
    const group = await prisma.deviceGroup.findUnique({
      where: { tenantId_id: { tenantId, id: groupId } },
      select: { id: true, filter: true },
    });
    if (!group) throw unknown('group');
    return selectionCondition(selection, group);
  }

  /**
   * For who names devices now; one that is taken away later is left out without a word.
   * @throws Fault `request.invalid` with those that are not there
   */
  async requireDevices(tenantId: string, { devices = [] }: Selection): Promise<void> {
    if (devices.length === 0) return;
    const found = await this.#database.prisma.device.findMany({ where: { tenantId, id: { in: [...devices] } }, select: { id: true } });
    const known = new Set(found.map(({ id }) => id));
    const missing = devices.flatMap((id, index) =>
      known.has(id) ? [] : [{ path: `selection.devices[${index}]`, message: `no device is ${id}` }],
    );
    if (missing.length > 0) throw refusal('request.invalid', 'the selection names what does not exist', missing.slice(0, maxTold));
  }

  /** Ids in order, in pages of at most `pageSize`: one index walk a page, however far it is. */
  async *pages(tenantId: string, selection: Selection, pageSize: number): AsyncGenerator<string[]> {
    const condition = await this.condition(tenantId, selection);
    for (let after: string | undefined = ''; after !== undefined; ) {
      const query: Sql = sql`select d.id from device d where d.tenant_id = ${tenantId} and d.id > ${after} and (${condition}) order by d.id limit ${pageSize}`;
      const ids = idsSchema.parse((await this.#database.pool.query(renderSql(query))).rows).map((row) => row.id);
      if (ids.length > 0) yield ids;
      after = ids.length === pageSize ? ids.at(-1) : undefined;
    }
  }

  async count(tenantId: string, selection: Selection): Promise<number> {
    const condition = await this.condition(tenantId, selection);
    const query = sql`select count(*)::int as count from device d where d.tenant_id = ${tenantId} and (${condition})`;
    return countSchema.parse((await this.#database.pool.query(renderSql(query))).rows)[0].count;
  }
}
