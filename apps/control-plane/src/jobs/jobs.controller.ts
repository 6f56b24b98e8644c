import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type CreateJob, createJobSchema, type JobQuery, jobPageSchema, jobQuerySchema, jobSchema } from '@towline/protocol/http';
import * as z from 'zod';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { JobsService } from './jobs.service.ts';

const idSchema = z.uuid();

@ApiTags('jobs')
@Controller('v1/jobs')
export class JobsController {
  constructor(private readonly jobs: JobsService) {}

  @Post()
  @Endpoint({
    summary: 'Order one thing of one device',
    description:
      'With an id of your own the same order can be sent twice and is created once. An offline device gets it at its next hello, until it expires.',
    access: 'job.order',
    returns: jobSchema,
    status: 201,
    errors: ['resource.conflict', 'site.on-hold'],
  })
  create(@Caller() caller: Caller, @Body({ schema: createJobSchema }) body: CreateJob) {
    return this.jobs.create(caller, body);
  }

  @Get()
  @Endpoint({ summary: 'Jobs, newest first', access: 'fleet.read', returns: jobPageSchema, errors: ['cursor.invalid'] })
  list(@Caller() caller: Caller, @Query({ schema: jobQuerySchema }) query: JobQuery) {
    return this.jobs.list(caller, query);
  }

  @Get(':id')
  @Endpoint({ summary: 'One job with its progress and result', access: 'fleet.read', returns: jobSchema, errors: ['resource.not-found'] })
  get(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return this.jobs.get(caller, id);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Endpoint({
    summary: 'Ask the device to drop a job; one that ended stays as it is',
    access: 'job.order',
    returns: jobSchema,
    errors: ['resource.not-found'],
  })
  cancel(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return this.jobs.cancel(caller, id);
  }
}
