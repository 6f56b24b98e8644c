import type { RolloutApproval, UpdateRolloutApproval } from '@towline/protocol/http';
import { recordAudit } from '../../audit/audit.repository.ts';
import type { Caller } from '../../operators/authorise.ts';
import type { Database } from '../../platform/database.ts';
import { readApprovalBounds, writeApprovalBounds } from './approval.repository.ts';

/** What one person may roll out alone in a tenant. */
export class ApprovalBoundsService {
  readonly #database: Pick<Database, 'prisma'>;

  constructor(database: Pick<Database, 'prisma'>) {
    this.#database = database;
  }

  get({ tenant }: Caller): Promise<RolloutApproval> {
    return readApprovalBounds(this.#database.prisma, tenant);
  }

  set({ tenant: tenantId, id: actor }: Caller, change: UpdateRolloutApproval): Promise<RolloutApproval> {
    return this.#database.prisma.$transaction(async (tx) => {
      const { above, risks } = await readApprovalBounds(tx, tenantId);
      const next = { above: change.above === undefined ? above : change.above, risks: change.risks ?? risks };
      await writeApprovalBounds(tx, tenantId, next);
      await recordAudit(tx, { tenantId, actor, action: 'rollout.approval', subject: tenantId, details: next });
      return next;
    });
  }
}
