import { type RuleLevel, ruleLevelSchema } from '@towline/protocol';
import type { LevelVariables, SetVariables, Variables, VariablesQuery } from '@towline/protocol/http';
import { maxVariables } from '@towline/protocol/http';
import * as z from 'zod';
import { recordAudit } from '../audit/audit.repository.ts';
import type { Caller } from '../operators/authorise.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { AssignedVariable } from '../targets/variables.ts';

const rowsSchema = z.array(z.object({ level: ruleLevelSchema, subject: z.string(), name: z.string(), value: z.string() }));

interface Subject {
  readonly id: string;
  readonly siteId: string | null;
  readonly groups: readonly { readonly id: string; readonly rank: number }[];
}

/** Every level at which a device may have values, with the rank where it is a group. */
function placesOf({ id, siteId, groups }: Subject): { level: RuleLevel; subject: string; rank: number }[] {
  return [
    { level: 'device', subject: id, rank: 0 },
    ...groups.map((group) => ({ level: 'group' as const, subject: group.id, rank: group.rank })),
    ...(siteId === null ? [] : [{ level: 'site' as const, subject: siteId, rank: 0 }]),
    { level: 'fleet', subject: '', rank: 0 },
  ];
}

/** Reads the values of these devices at once. @returns which ones count for one of them */
export async function readVariables(
  tx: Transaction,
  tenantId: string,
  subjects: readonly Subject[],
): Promise<(subject: Subject) => AssignedVariable[]> {
  const places = subjects.flatMap(placesOf);
  const rows = await tx.$queryRaw`
    select distinct v.level, v.subject, v.name, v.value
      from unnest(${places.map(({ level }) => level)}::text[], ${places.map(({ subject }) => subject)}::text[]) as w (level, subject)
      join variable_value v on v.tenant_id = ${tenantId} and v.level = w.level and v.subject = w.subject`;
  const byPlace = new Map<string, { name: string; value: string }[]>();
  for (const { level, subject, name, value } of rowsSchema.parse(rows)) {
    const key = `${level} ${subject}`;
    byPlace.set(key, [...(byPlace.get(key) ?? []), { name, value }]);
  }
  return (subject) =>
    placesOf(subject).flatMap(({ level, subject: id, rank }) =>
      (byPlace.get(`${level} ${id}`) ?? []).map(({ name, value }) => ({ level, rank, name, value })),
    );
}

export type Setting = { readonly outcome: 'set'; readonly variables: LevelVariables } | { readonly outcome: 'no-subject' | 'too-many' };

/** Values that stand in for the variables of profiles. */
export class VariablesRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Null when there is no such device, group or site. */
  get(tenantId: string, { level, subject }: VariablesQuery): Promise<LevelVariables | null> {
    return this.#database.prisma.$transaction(async (tx) =>
      (await subjectExists(tx, tenantId, { level, subject })) ? read(tx, tenantId, { level, subject }) : null,
    );
  }

  /** One at a time and tenant, so that the bound holds. */
  set(caller: Caller, { level, subject, values }: SetVariables): Promise<Setting> {
    const { tenant: tenantId, id: actor } = caller;
    return this.#database.prisma.$transaction(async (tx): Promise<Setting> => {
      await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`variables/${tenantId}`}, 0))`;
      if (!(await subjectExists(tx, tenantId, { level, subject }))) return { outcome: 'no-subject' };
      const before = (await read(tx, tenantId, { level, subject })).values;
      const after = merged(before, values);
      if (Object.keys(after).length > maxVariables) return { outcome: 'too-many' };
      const place = { tenantId, level, subject: subject ?? '' };
      await tx.variableValue.deleteMany({ where: { ...place, name: { in: Object.keys(values) } } });
      const data = Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [{ ...place, name, value }]));
      await tx.variableValue.createMany({ data });
      await recordAudit(tx, { tenantId, actor, action: 'variables.set', subject: subject ?? level, details: { level, values } });
      return { outcome: 'set', variables: { level, subject: subject ?? null, values: after } };
    });
  }
}

const merged = (before: Variables, values: SetVariables['values']): Variables =>
  Object.fromEntries(Object.entries({ ...before, ...values }).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));

async function read(tx: Transaction, tenantId: string, { level, subject }: VariablesQuery): Promise<LevelVariables> {
  const rows = await tx.variableValue.findMany({ where: { tenantId, level, subject: subject ?? '' }, orderBy: { name: 'asc' } });
  return { level, subject: subject ?? null, values: Object.fromEntries(rows.map(({ name, value }) => [name, value])) };
}

async function subjectExists(tx: Transaction, tenantId: string, { level, subject }: VariablesQuery): Promise<boolean> {
  if (subject === undefined) return level === 'fleet';
  const where = { tenantId, id: subject };
  if (level === 'device') return (await tx.device.count({ where })) > 0;
  return (await (level === 'group' ? tx.deviceGroup.count({ where }) : tx.site.count({ where }))) > 0;
}
