import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { PoliciesController } from './policies.controller.ts';
import { PoliciesRepository } from './policies.repository.ts';
import { PoliciesService } from './policies.service.ts';

const policies = ({ database, ids, sealer }: ApiPorts) => new PoliciesService(new PoliciesRepository(database, ids), sealer);

@Module({
  controllers: [PoliciesController],
  providers: [{ provide: PoliciesService, useFactory: policies, inject: [API_PORTS] }],
})
export class PoliciesModule {}
