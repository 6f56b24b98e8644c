import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type AddPolicyVersion,
  addPolicyVersionSchema,
  type CreatePolicy,
  createPolicySchema,
  type PageQuery,
  type PolicyDiffQuery,
  pageQuerySchema,
  policyDiffQuerySchema,
  policyDiffSchema,
  policyPageSchema,
  policyVersionPageSchema,
  policyVersionSchema,
  versionParamSchema,
} from '@towline/protocol/http';
import * as z from 'zod';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { PoliciesService } from './policies.service.ts';

const idSchema = z.uuid();

@ApiTags('APN policies')
@Controller('v1/policies')
export class PoliciesController {
  constructor(private readonly policies: PoliciesService) {}

  @Get()
  @Endpoint({ summary: 'APN policies by name', access: 'fleet.read', returns: policyPageSchema, errors: ['cursor.invalid'] })
  list(@Caller() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.policies.list(caller, query);
  }

  @Post()
  @Endpoint({
    summary: 'Create a policy, version 1; no link moves before an assignment',
    access: 'policy.write',
    returns: policyVersionSchema,
    status: 201,
    errors: ['resource.conflict'],
  })
  create(@Caller() caller: Caller, @Body({ schema: createPolicySchema }) body: CreatePolicy) {
    return this.policies.create(caller, body);
  }

  @Get(':id/versions')
  @Endpoint({
    summary: 'Versions of a policy, newest first',
    access: 'fleet.read',
    returns: policyVersionPageSchema,
    errors: ['resource.not-found', 'cursor.invalid'],
  })
  listVersions(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Query({ schema: pageQuerySchema }) query: PageQuery,
  ) {
    return this.policies.listVersions(caller, id, query);
  }

  @Post(':id/versions')
  @Endpoint({
    summary: 'Add a version; what stands is never changed, and no link moves',
    access: 'policy.write',
    returns: policyVersionSchema,
    status: 201,
    errors: ['resource.not-found'],
  })
  addVersion(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: addPolicyVersionSchema }) body: AddPolicyVersion,
  ) {
    return this.policies.addVersion(caller, id, body);
  }

  @Get(':id/versions/:version')
  @Endpoint({
    summary: 'One version with its warnings',
    access: 'fleet.read',
    returns: policyVersionSchema,
    errors: ['resource.not-found'],
  })
  getVersion(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Param('version', { schema: versionParamSchema }) version: number,
  ) {
    return this.policies.getVersion(caller, id, version);
  }

  @Get(':id/diff')
  @Endpoint({
    summary: 'What differs between two versions',
    access: 'fleet.read',
    returns: policyDiffSchema,
    errors: ['resource.not-found'],
  })
  diff(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Query({ schema: policyDiffQuerySchema }) query: PolicyDiffQuery,
  ) {
    return this.policies.diff(caller, id, query);
  }
}
