import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type CreateClaimToken,
  claimTokenPageSchema,
  createClaimTokenSchema,
  createdClaimTokenSchema,
  type Enrol,
  enrolledSchema,
  enrolSchema,
  type PageQuery,
  pageQuerySchema,
} from '@towline/protocol/http';
import * as z from 'zod';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { notFound } from '../platform/refusal.ts';
import { EnrolmentRepository } from './enrolment.repository.ts';
import { EnrolmentService } from './enrolment.service.ts';

const idSchema = z.uuid();

@ApiTags('enrolment')
@Controller('v1')
export class EnrolmentController {
  constructor(
    private readonly service: EnrolmentService,
    private readonly repository: EnrolmentRepository,
  ) {}

  @Post('enrolments')
  @Endpoint({ summary: 'A device asks for its identity', access: 'public', returns: enrolledSchema, status: 201, errors: ['auth.refused'] })
  enrol(@Body({ schema: enrolSchema }) body: Enrol) {
    return this.service.enrol(body);
  }

  @Get('claim-tokens')
  @Endpoint({ summary: 'Claim tokens', access: 'fleet.write', returns: claimTokenPageSchema, errors: ['cursor.invalid'] })
  list(@Caller() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.repository.list(caller.tenant, query);
  }

  @Post('claim-tokens')
  @Endpoint({
    summary: 'Let devices enrol; the secret is shown this once',
    access: 'fleet.write',
    returns: createdClaimTokenSchema,
    status: 201,
    errors: ['resource.not-found'],
  })
  create(@Caller() caller: Caller, @Body({ schema: createClaimTokenSchema }) body: CreateClaimToken) {
    return this.repository.create(caller, body);
  }

  @Delete('claim-tokens/:id')
  @HttpCode(204)
  @Endpoint({ summary: 'Revoke a claim token; devices that used it stay', access: 'fleet.write', errors: ['resource.not-found'] })
  async revoke(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    if (!(await this.repository.revoke(caller, id))) throw notFound('claim token');
  }
}
