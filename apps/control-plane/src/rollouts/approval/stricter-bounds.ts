import { dryRunRiskSchema, type RolloutApproval } from '@towline/protocol/http';

const least = (...bounds: readonly (number | null | undefined)[]): number | null => {
  const set = bounds.filter((bound) => typeof bound === 'number');
  return set.length > 0 ? Math.min(...set) : null;
};

/** What one person may roll out alone under both of these bounds. */
export function stricterBounds(left: RolloutApproval, right: RolloutApproval): RolloutApproval {
  const risks = dryRunRiskSchema.options.flatMap((risk) => {
    const bound = least(left.risks[risk], right.risks[risk]);
    return bound === null ? [] : [[risk, bound] as const];
  });
  return { above: least(left.above, right.above), risks: Object.fromEntries(risks) };
}
