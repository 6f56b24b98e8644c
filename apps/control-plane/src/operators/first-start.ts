import { recordAudit } from '../audit/audit.repository.ts';
import type { Ids } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { newToken, tokenHash } from './token.ts';

export const defaultTenant = 'main';

/** Any constant that no other lock of this database uses. */
const firstStartLock = 81_170_211;

/**
 * Makes the default tenant, its first admin and that admin's first token, unless there is an operator already.
 * Several processes may ask at once: one of them gets the token.
 * @param keep puts the token where a person finds it. It runs before the commit: a token that could not be kept was never made
 * @returns the token, or null when there was nothing to do
 */
export function firstStart(database: Database, ids: Ids, keep: (token: string) => void = () => undefined): Promise<string | null> {
  return database.prisma.$transaction(async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(${firstStartLock}::bigint)`;
    await tx.tenant.upsert({ where: { id: defaultTenant }, create: { id: defaultTenant, name: 'Main' }, update: {} });
    if ((await tx.operator.findFirst({ select: { id: true } })) !== null) return null;
    const token = newToken(ids);
    const admin = await tx.operator.create({ data: { tenantId: defaultTenant, id: ids.uuid(), name: 'admin', role: 'admin' } });
    const made = { tenantId: defaultTenant, operatorId: admin.id, label: 'first start', secretHash: tokenHash(token) };
    await tx.operatorToken.create({ data: { ...made, id: ids.uuid() } });
    await recordAudit(tx, {
      tenantId: defaultTenant,
      actor: 'system',
      action: 'operator.create',
      subject: admin.id,
      details: { name: 'admin' },
    });
    keep(token);
    return token;
  });
}
