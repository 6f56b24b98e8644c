import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type AddProfileVersion,
  addProfileVersionSchema,
  type CreateProfile,
  createProfileSchema,
  type PageQuery,
  pageQuerySchema,
  profilePageSchema,
  profileVersionPageSchema,
  profileVersionSchema,
  versionParamSchema,
} from '@towline/protocol/http';
import * as z from 'zod';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { found } from '../platform/refusal.ts';
import { ProfilesRepository } from './profiles.repository.ts';

const idSchema = z.uuid();

@ApiTags('connection profiles')
@Controller('v1/profiles')
export class ProfilesController {
  constructor(private readonly profiles: ProfilesRepository) {}

  @Get()
  @Endpoint({ summary: 'Connection profiles by name', access: 'fleet.read', returns: profilePageSchema, errors: ['cursor.invalid'] })
  list(@Caller() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.profiles.list(caller.tenant, query);
  }

  @Post()
  @Endpoint({
    summary: 'Create a connection profile, version 1; the password is write-only',
    access: 'policy.write',
    returns: profileVersionSchema,
    status: 201,
    errors: ['resource.conflict'],
  })
  create(@Caller() caller: Caller, @Body({ schema: createProfileSchema }) body: CreateProfile) {
    return this.profiles.create(caller, body);
  }

  @Get(':id/versions')
  @Endpoint({
    summary: 'Versions of a profile, newest first',
    access: 'fleet.read',
    returns: profileVersionPageSchema,
    errors: ['resource.not-found', 'cursor.invalid'],
  })
  async listVersions(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Query({ schema: pageQuerySchema }) query: PageQuery,
  ) {
    return found(await this.profiles.listVersions(caller.tenant, id, query), 'profile');
  }

  @Post(':id/versions')
  @Endpoint({
    summary: 'Add a version; what stands is never changed, and no link moves',
    access: 'policy.write',
    returns: profileVersionSchema,
    status: 201,
    errors: ['resource.not-found'],
  })
  async addVersion(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: addProfileVersionSchema }) body: AddProfileVersion,
  ) {
    return found(await this.profiles.addVersion(caller, id, body), 'profile');
  }

  @Get(':id/versions/:version')
  @Endpoint({ summary: 'One version', access: 'fleet.read', returns: profileVersionSchema, errors: ['resource.not-found'] })
  async getVersion(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Param('version', { schema: versionParamSchema }) version: number,
  ) {
    return found(await this.profiles.getVersion(caller.tenant, id, version), 'profile version');
  }
}
