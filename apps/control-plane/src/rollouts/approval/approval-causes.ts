import { type ApprovalCause, type DryRunRisk, dryRunRiskSchema, type Rollout, type RolloutApproval } from '@towline/protocol/http';

/** Devices that something is for. */
export interface Reach {
  /** With those that may be taken in later. */
  readonly devices: number;
  /** How many that is. */
  readonly later: number;
  /** Devices that have each risk now; null: nobody looked. */
  readonly risks: Rollout['risks'];
}

/** More than one person may do alone. */
export type Excess = {
  readonly cause: ApprovalCause;
  /** All that this person would have done alone. */
  readonly devices: number;
  readonly bound: number;
};

/** Whether there is anything that one person may not do alone. */
export const isBounded = ({ above, risks }: RolloutApproval): boolean => above !== null || Object.keys(risks).length > 0;

function atRisk({ risks, later }: Reach, risk: DryRunRisk): number {
  // Of who comes later nothing is known: any of them may be at that risk.
  return risks === null ? 0 : (risks.find(({ value }) => value === risk)?.count ?? 0) + later;
}

/**
 * Why something is not for one person alone: a bound is what may be done alone, so only more than it counts.
 * @param own what it is for; of what it adds nothing to it is not blamed
 * @param alone all that the person has done alone of late, this among it
 */
export function approvalCauses(own: Reach, alone: Reach, bounds: RolloutApproval): Excess[] {
  const over = (cause: ApprovalCause, adds: number, devices: number): Excess[] => {
    const bound = cause === 'size' ? bounds.above : bounds.risks[cause];
    return bound === null || bound === undefined || adds === 0 || devices <= bound ? [] : [{ cause, devices, bound }];
  };
  return [
    ...over('size', own.devices, alone.devices),
    ...dryRunRiskSchema.options.flatMap((risk) => over(risk, atRisk(own, risk), atRisk(alone, risk))),
  ];
}
