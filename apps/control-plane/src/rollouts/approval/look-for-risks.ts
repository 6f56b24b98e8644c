import type { DryRun, DryRunRisk, Rollout, RolloutApproval } from '@towline/protocol/http';
import type { DryRunService } from '../../dry-run/dry-run.service.ts';
import type { Caller } from '../../operators/authorise.ts';

interface Asked {
  readonly caller: Caller;
  readonly bounds: RolloutApproval;
  readonly dryRun: DryRun;
  /** Told of each device that a dry run looked at. */
  readonly onDevice?: (device: string, risks: readonly DryRunRisk[]) => void;
}

/** How many devices have each risk; null where no bound asks for one, which spares the dry run. */
export async function lookForRisks(
  dryRuns: Pick<DryRunService, 'run'>,
  { caller, bounds, dryRun, onDevice }: Asked,
): Promise<Rollout['risks']> {
  if (Object.keys(bounds.risks).length === 0) return null;
  for await (const line of dryRuns.run(caller, dryRun)) {
    if (line.kind === 'summary') return line.risks;
    onDevice?.(line.device, line.risks);
  }
  return null;
}
