import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { SelectionRepository } from '../targeting/selection.repository.ts';
import { TargetComposer } from '../targets/target-composer.ts';
import { TargetsRepository } from '../targets/targets.repository.ts';
import { DryRunController } from './dry-run.controller.ts';
import { DryRunRepository } from './dry-run.repository.ts';
import { DryRunService } from './dry-run.service.ts';

const dryRuns = ({ database, sealer, ids }: ApiPorts) =>
  new DryRunService(
    new DryRunRepository(database),
    new SelectionRepository(database),
    new TargetComposer(new TargetsRepository(database), sealer, ids),
  );

@Module({
  controllers: [DryRunController],
  exports: [DryRunService],
  providers: [{ provide: DryRunService, useFactory: dryRuns, inject: [API_PORTS] }],
})
export class DryRunModule {}
