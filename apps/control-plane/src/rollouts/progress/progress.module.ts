import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../../platform/http/api-ports.ts';
import { readRolloutWindows } from '../windows/rollout-windows.repository.ts';
import { ProgressController } from './progress.controller.ts';
import { ProgressRepository } from './progress.repository.ts';
import { ProgressService } from './progress.service.ts';

function progress({ database, changeFeed: feed, clock, log }: ApiPorts): ProgressService {
  const repository = new ProgressRepository(database);
  return new ProgressService({
    feed,
    clock,
    log,
    read: (tenant, rollout) => repository.read(tenant, rollout),
    readWindows: (tenant, rollout) => readRolloutWindows(database, tenant, rollout),
  });
}

@Module({
  controllers: [ProgressController],
  providers: [{ provide: ProgressService, useFactory: progress, inject: [API_PORTS] }],
})
export class ProgressModule {}
