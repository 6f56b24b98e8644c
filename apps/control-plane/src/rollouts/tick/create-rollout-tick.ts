import type { Clock } from '@towline/kit';
import type { Ids } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { ControlPlaneLog } from '../../platform/log.ts';
import type { Sealer } from '../../platform/sealer.ts';
import { TargetComposer } from '../../targets/target-composer.ts';
import { TargetsRepository } from '../../targets/targets.repository.ts';
import { JobWork } from '../work/job-work.ts';
import { PolicyWork } from '../work/policy-work.ts';
import type { StepPorts } from './rollout-step.ts';
import { RolloutTick } from './rollout-tick.ts';

export interface RolloutEngineParts {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: ControlPlaneLog;
}

/** What a step needs, by kind of rollout. */
export function createStepPorts({ database, sealer, ids }: Pick<RolloutEngineParts, 'database' | 'sealer' | 'ids'>): StepPorts {
  const composer = new TargetComposer(new TargetsRepository(database), sealer, ids);
  return { work: { policy: new PolicyWork(composer), job: new JobWork() }, ids };
}

export const createRolloutTick = ({ clock, log, ...parts }: RolloutEngineParts): RolloutTick =>
  new RolloutTick({ ...createStepPorts(parts), database: parts.database, clock, log });
