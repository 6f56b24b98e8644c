import { type ApprovalCause, dryRunRiskSchema, type Rollout, type RolloutApproval, type Selection } from '@towline/protocol/http';

interface Weighed {
  /** Devices that it was planned with. */
  readonly devices: number;
  readonly selection: Selection;
  readonly risks: Rollout['risks'];
}

/** Why a rollout is not for one person alone: a bound is what may be done alone, so only more than it counts. */
export function approvalCauses({ devices, selection, risks }: Weighed, bounds: RolloutApproval): ApprovalCause[] {
  const most = devices + (selection.dynamic?.growthLimit ?? 0);
  const bySize: ApprovalCause[] = bounds.above !== null && most > bounds.above ? ['size'] : [];
  const byRisk = dryRunRiskSchema.options.filter((risk) => {
    const bound = bounds.risks[risk];
    return bound !== undefined && (risks?.find(({ value }) => value === risk)?.count ?? 0) > bound;
  });
  return [...bySize, ...byRisk];
}
