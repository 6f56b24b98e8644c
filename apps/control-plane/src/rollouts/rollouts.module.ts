import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { SelectionRepository } from '../targeting/selection.repository.ts';
import { RolloutActsService } from './rollout-acts.service.ts';
import { RolloutsController } from './rollouts.controller.ts';
import { RolloutsRepository } from './rollouts.repository.ts';
import { RolloutsService } from './rollouts.service.ts';

const rollouts = ({ database, ids }: ApiPorts) => new RolloutsService(new RolloutsRepository(database), database, ids);
const acts = (service: RolloutsService, { database, ids }: ApiPorts) =>
  new RolloutActsService(service, new SelectionRepository(database), database, ids);

@Module({
  controllers: [RolloutsController],
  providers: [
    { provide: RolloutsService, useFactory: rollouts, inject: [API_PORTS] },
    { provide: RolloutActsService, useFactory: acts, inject: [RolloutsService, API_PORTS] },
  ],
})
export class RolloutsModule {}
