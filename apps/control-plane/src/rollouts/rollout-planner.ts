import { type Rollout, selectionSchema } from '@towline/protocol/http';
import type { DryRunService } from '../dry-run/dry-run.service.ts';
import type { Caller } from '../operators/authorise.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { Sql } from '../platform/sql.ts';
import type { SelectionRepository } from '../targeting/selection.repository.ts';
import { readBoundsOf, writeRisks } from './approval/approval.repository.ts';
import { lookForRisks } from './approval/look-for-risks.ts';
import type { LiveRollout } from './live-rollout.repository.ts';
import { writePlan } from './plan.repository.ts';

interface Looked {
  /** On `device d`. */
  readonly condition: Sql;
  readonly risks: Rollout['risks'];
}

/** Lays down what a rollout is for, and what speaks against it. */
export class RolloutPlanner {
  readonly #database: Pick<Database, 'prisma'>;
  readonly #selections: Pick<SelectionRepository, 'condition'>;
  readonly #dryRuns: Pick<DryRunService, 'run'>;

  constructor(database: Pick<Database, 'prisma'>, selections: Pick<SelectionRepository, 'condition'>, dryRuns: Pick<DryRunService, 'run'>) {
    this.#database = database;
    this.#selections = selections;
    this.#dryRuns = dryRuns;
  }

  /** Outside of any transaction: a dry run of a large fleet takes longer than one may idle. */
  async look(caller: Caller, rollout: LiveRollout): Promise<Looked> {
    const condition = await this.#selections.condition(caller.tenant, selectionSchema.parse(rollout.selection));
    return { condition, risks: await this.#risks(caller, rollout) };
  }

  /** Inside the caller's transaction, which holds the rollout's row. @param looked at the very revision that the row has */
  async write(tx: Transaction, rollout: LiveRollout, { condition, risks }: Looked): Promise<void> {
    await writePlan(tx, rollout, condition);
    await writeRisks(tx, rollout, risks);
  }

  async #risks(caller: Caller, rollout: LiveRollout): Promise<Rollout['risks']> {
    const { policyId, policyVersion, selection } = rollout;
    if (policyId === null || policyVersion === null) return null;
    const bounds = await readBoundsOf(this.#database.prisma, rollout);
    const dryRun = { policy: { id: policyId, version: policyVersion }, selection: selectionSchema.parse(selection) };
    return lookForRisks(this.#dryRuns, { caller, bounds, dryRun });
  }
}
