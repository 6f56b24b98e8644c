import { Body, Controller, Get, Patch, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  levelVariablesSchema,
  maxVariables,
  type SetVariables,
  setVariablesSchema,
  type VariablesQuery,
  variablesQuerySchema,
} from '@towline/protocol/http';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { found, notFound, refusal } from '../platform/refusal.ts';
import { VariablesRepository } from './variables.repository.ts';

@ApiTags('variables')
@Controller('v1/variables')
export class VariablesController {
  constructor(private readonly variables: VariablesRepository) {}

  @Get()
  @Endpoint({
    summary: 'Values of variables as they were set for a device, a group, a site or the fleet',
    access: 'fleet.read',
    returns: levelVariablesSchema,
    errors: ['resource.not-found'],
  })
  async get(@Caller() caller: Caller, @Query({ schema: variablesQuerySchema }) query: VariablesQuery) {
    return found(await this.variables.get(caller.tenant, query), query.level);
  }

  @Patch()
  @Endpoint({
    summary: 'Set values of variables; they count at the next assignment or rollout, and no link moves before',
    description:
      'A device has its own value, else that of its strongest group, its site, the fleet, else the default of the policy version.',
    access: 'fleet.write',
    returns: levelVariablesSchema,
    errors: ['resource.not-found', 'resource.conflict'],
  })
  async set(@Caller() caller: Caller, @Body({ schema: setVariablesSchema }) body: SetVariables) {
    const setting = await this.variables.set(caller, body);
    if (setting.outcome === 'set') return setting.variables;
    throw setting.outcome === 'no-subject'
      ? notFound(body.level)
      : refusal('resource.conflict', `at most ${maxVariables} variables a ${body.level}`);
  }
}
