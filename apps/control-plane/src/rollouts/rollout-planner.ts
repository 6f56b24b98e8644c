import { type Rollout, selectionSchema } from '@towline/protocol/http';
import type { DryRunService } from '../dry-run/dry-run.service.ts';
import type { Caller } from '../operators/authorise.ts';
import type { Transaction } from '../platform/database.ts';
import type { SelectionRepository } from '../targeting/selection.repository.ts';
import { readApprovalBounds, writeRisks } from './approval/approval.repository.ts';
import type { LiveRollout } from './live-rollout.repository.ts';
import { writePlan } from './plan.repository.ts';

/** Lays down what a rollout is for, and what speaks against it. */
export class RolloutPlanner {
  readonly #selections: Pick<SelectionRepository, 'condition'>;
  readonly #dryRuns: Pick<DryRunService, 'run'>;

  constructor(selections: Pick<SelectionRepository, 'condition'>, dryRuns: Pick<DryRunService, 'run'>) {
    this.#selections = selections;
    this.#dryRuns = dryRuns;
  }

  /** Inside the caller's transaction, which holds the rollout's row. */
  async plan(tx: Transaction, caller: Caller, rollout: LiveRollout): Promise<void> {
    const selection = selectionSchema.parse(rollout.selection);
    await writePlan(tx, rollout, await this.#selections.condition(caller.tenant, selection));
    await writeRisks(tx, rollout, await this.#risks(tx, caller, rollout));
  }

  /** A dry run of a large fleet takes its time: it is spared where no bound asks for it. */
  async #risks(tx: Transaction, caller: Caller, { policyId, policyVersion, selection }: LiveRollout): Promise<Rollout['risks']> {
    const { risks } = await readApprovalBounds(tx, caller.tenant);
    if (policyId === null || policyVersion === null || Object.keys(risks).length === 0) return null;
    const policy = { id: policyId, version: policyVersion };
    for await (const line of this.#dryRuns.run(caller, { policy, selection: selectionSchema.parse(selection) })) {
      if (line.kind === 'summary') return line.risks;
    }
    return null;
  }
}
