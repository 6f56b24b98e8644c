import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { EnrolmentController } from './enrolment.controller.ts';
import { EnrolmentRepository } from './enrolment.repository.ts';
import { EnrolmentService } from './enrolment.service.ts';

@Module({
  controllers: [EnrolmentController],
  providers: [
    {
      provide: EnrolmentRepository,
      useFactory: ({ database, ids, clock }: ApiPorts) => new EnrolmentRepository(database, ids, clock),
      inject: [API_PORTS],
    },
    {
      provide: EnrolmentService,
      useFactory: (repository: EnrolmentRepository, { deviceAccounts, publicMqttUrl, log }: ApiPorts) =>
        new EnrolmentService(repository, deviceAccounts, publicMqttUrl, log),
      inject: [EnrolmentRepository, API_PORTS],
    },
  ],
})
export class EnrolmentModule {}
