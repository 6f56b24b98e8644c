import { Module } from '@nestjs/common';
import { DryRunModule } from '../dry-run/dry-run.module.ts';
import { DryRunService } from '../dry-run/dry-run.service.ts';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { SelectionRepository } from '../targeting/selection.repository.ts';
import { ApprovalBoundsController } from './approval/approval-bounds.controller.ts';
import { ApprovalBoundsService } from './approval/approval-bounds.service.ts';
import { RolloutActsService } from './rollout-acts.service.ts';
import { RolloutPlanner } from './rollout-planner.ts';
import { RolloutsController } from './rollouts.controller.ts';
import { RolloutsRepository } from './rollouts.repository.ts';
import { RolloutsService } from './rollouts.service.ts';

const rollouts = ({ database, ids }: ApiPorts) =>
  new RolloutsService(new RolloutsRepository(database), new SelectionRepository(database), database, ids);
const acts = (service: RolloutsService, dryRuns: DryRunService, { database, ids }: ApiPorts) =>
  new RolloutActsService(service, new RolloutPlanner(database, new SelectionRepository(database), dryRuns), database, ids);

@Module({
  imports: [DryRunModule],
  controllers: [ApprovalBoundsController, RolloutsController],
  providers: [
    { provide: RolloutsService, useFactory: rollouts, inject: [API_PORTS] },
    { provide: RolloutActsService, useFactory: acts, inject: [RolloutsService, DryRunService, API_PORTS] },
    { provide: ApprovalBoundsService, useFactory: ({ database }: ApiPorts) => new ApprovalBoundsService(database), inject: [API_PORTS] },
  ],
})
export class RolloutsModule {}
