import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { atQuestionsSchema, type UpdateAtQuestions, updateAtQuestionsSchema } from '@towline/protocol/http';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { JobsService } from './jobs.service.ts';

@ApiTags('jobs')
@Controller('v1/at-questions')
export class AtQuestionsController {
  constructor(private readonly jobs: JobsService) {}

  @Get()
  @Endpoint({ summary: 'What may be asked of modems by a job', access: 'fleet.read', returns: atQuestionsSchema })
  get(@Caller() caller: Caller) {
    return this.jobs.questions(caller);
  }

  @Patch()
  @Endpoint({
    summary: 'Change what operators of this tenant may ask besides',
    description:
      'Questions alone: read, test and words that tell. Devices refuse what is none, and what may tell a secret, whatever stands here.',
    access: 'job.allow',
    returns: atQuestionsSchema,
  })
  update(@Caller() caller: Caller, @Body({ schema: updateAtQuestionsSchema }) body: UpdateAtQuestions) {
    return this.jobs.updateQuestions(caller, body);
  }
}
