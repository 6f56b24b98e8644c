import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { VariablesController } from './variables.controller.ts';
import { VariablesRepository } from './variables.repository.ts';

@Module({
  controllers: [VariablesController],
  providers: [
    { provide: VariablesRepository, useFactory: ({ database }: ApiPorts) => new VariablesRepository(database), inject: [API_PORTS] },
  ],
})
export class VariablesModule {}
