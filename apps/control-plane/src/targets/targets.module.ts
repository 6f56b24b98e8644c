import { Module } from '@nestjs/common';
import { DryRunModule } from '../dry-run/dry-run.module.ts';
import { DryRunService } from '../dry-run/dry-run.service.ts';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { AssignmentsService } from './assignments.service.ts';
import { ExplainService } from './explain.service.ts';
import { TargetComposer } from './target-composer.ts';
import { TargetsController } from './targets.controller.ts';
import { TargetsRepository } from './targets.repository.ts';

const assignments = (dryRuns: DryRunService, { database, sealer, ids, clock }: ApiPorts) => {
  const targets = new TargetsRepository(database);
  return new AssignmentsService(targets, new TargetComposer(targets, sealer, ids), dryRuns, clock);
};
const explanations = ({ database }: ApiPorts) => new ExplainService(new TargetsRepository(database));

@Module({
  imports: [DryRunModule],
  controllers: [TargetsController],
  providers: [
    { provide: AssignmentsService, useFactory: assignments, inject: [DryRunService, API_PORTS] },
    { provide: ExplainService, useFactory: explanations, inject: [API_PORTS] },
  ],
})
export class TargetsModule {}
