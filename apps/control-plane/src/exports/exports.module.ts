import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { ExportsController } from './exports.controller.ts';
import { ExportsRepository } from './exports.repository.ts';

@Module({
  controllers: [ExportsController],
  providers: [{ provide: ExportsRepository, useFactory: ({ database }: ApiPorts) => new ExportsRepository(database), inject: [API_PORTS] }],
})
export class ExportsModule {}
