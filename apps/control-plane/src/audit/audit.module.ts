import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { AuditController } from './audit.controller.ts';
import { AuditRepository } from './audit.repository.ts';

@Module({
  controllers: [AuditController],
  providers: [{ provide: AuditRepository, useFactory: ({ database }: ApiPorts) => new AuditRepository(database), inject: [API_PORTS] }],
})
export class AuditModule {}
