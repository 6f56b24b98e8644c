import { type ApprovalCause, dryRunRiskSchema, type Rollout, type RolloutApproval, type Selection } from '@towline/protocol/http';

interface Weighed {
  /** Devices that it was planned with. */
  readonly devices: number;
  readonly selection: Selection;
  readonly risks: Rollout['risks'];
}

/** Why a rollout is not for one person alone: a bound is what may be done alone, so only more than it counts. */
export function approvalCauses({ devices, selection, risks }: Weighed, bounds: RolloutApproval): ApprovalCause[] {
  const later = selection.dynamic?.growthLimit ?? 0;
  const bySize: ApprovalCause[] = bounds.above !== null && devices + later > bounds.above ? ['size'] : [];
  const byRisk = dryRunRiskSchema.options.filter((risk) => {
    const bound = bounds.risks[risk];
    if (bound === undefined || risks === null) return false;
    // Of who comes later nothing is known: any of them may be at that risk.
    return (risks.find(({ value }) => value === risk)?.count ?? 0) + later > bound;
  });
  return [...bySize, ...byRisk];
}
