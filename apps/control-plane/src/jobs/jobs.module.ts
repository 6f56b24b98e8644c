import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { AtQuestionsController } from './at-questions.controller.ts';
import { JobsController } from './jobs.controller.ts';
import { JobsRepository } from './jobs.repository.ts';
import { JobsService } from './jobs.service.ts';

const jobs = ({ database, ids, clock }: ApiPorts) => new JobsService(new JobsRepository(database, ids, clock));

@Module({
  controllers: [JobsController, AtQuestionsController],
  providers: [{ provide: JobsService, useFactory: jobs, inject: [API_PORTS] }],
})
export class JobsModule {}
