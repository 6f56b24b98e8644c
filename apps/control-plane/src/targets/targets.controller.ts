import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { deviceIdSchema } from '@towline/protocol';
import {
  assignmentSchema,
  type CreateAssignment,
  createAssignmentSchema,
  type ExplainQuery,
  explainQuerySchema,
  explanationSchema,
} from '@towline/protocol/http';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { AssignmentsService } from './assignments.service.ts';
import { ExplainService } from './explain.service.ts';

@ApiTags('targets')
@Controller('v1')
export class TargetsController {
  constructor(
    private readonly assignments: AssignmentsService,
    private readonly explanations: ExplainService,
  ) {}

  @Post('assignments')
  @HttpCode(200)
  @Endpoint({
    summary: 'Assign a policy version to named devices: the one act that changes targets',
    description:
      'Answers for each device. Sent twice it changes nothing more; sent again after it was cut short it finishes the rest. ' +
      'Refused beyond what one person may roll out alone.',
    access: 'target.assign',
    returns: assignmentSchema,
    errors: ['rollout.second-person'],
  })
  assign(@Caller() caller: Caller, @Body({ schema: createAssignmentSchema }) body: CreateAssignment) {
    return this.assignments.assign(caller, body);
  }

  @Get('devices/:id/explain')
  @Endpoint({
    summary: 'Why a device gets its APN, or would get it under another policy version or with another SIM',
    access: 'fleet.read',
    returns: explanationSchema,
    errors: ['resource.not-found'],
  })
  explain(
    @Caller() caller: Caller,
    @Param('id', { schema: deviceIdSchema }) id: string,
    @Query({ schema: explainQuerySchema }) query: ExplainQuery,
  ) {
    return this.explanations.explain(caller, id, query);
  }
}
