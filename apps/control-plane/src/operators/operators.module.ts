import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { OperatorsController } from './operators.controller.ts';
import { OperatorsRepository } from './operators.repository.ts';
import { OperatorsService } from './operators.service.ts';

const operators = ({ database, ids, clock }: ApiPorts) => new OperatorsService(new OperatorsRepository(database, ids, clock));

@Module({
  controllers: [OperatorsController],
  providers: [{ provide: OperatorsService, useFactory: operators, inject: [API_PORTS] }],
  exports: [OperatorsService],
})
export class OperatorsModule {}
