import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type CreateSite,
  createSiteSchema,
  type PageQuery,
  pageQuerySchema,
  sitePageSchema,
  siteSchema,
  type UpdateSite,
  updateSiteSchema,
} from '@towline/protocol/http';
import * as z from 'zod';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { found, notFound } from '../platform/refusal.ts';
import { SitesRepository } from './sites.repository.ts';

const idSchema = z.uuid();

@ApiTags('sites')
@Controller('v1/sites')
export class SitesController {
  constructor(private readonly sites: SitesRepository) {}

  @Get()
  @Endpoint({ summary: 'Sites by name', access: 'fleet.read', returns: sitePageSchema, errors: ['cursor.invalid'] })
  list(@Caller() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.sites.list(caller.tenant, query);
  }

  @Get(':id')
  @Endpoint({ summary: 'One site', access: 'fleet.read', returns: siteSchema, errors: ['resource.not-found'] })
  async get(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return found(await this.sites.get(caller.tenant, id), 'site');
  }

  @Post()
  @Endpoint({ summary: 'Create a site', access: 'fleet.write', returns: siteSchema, status: 201, errors: ['resource.conflict'] })
  create(@Caller() caller: Caller, @Body({ schema: createSiteSchema }) body: CreateSite) {
    return this.sites.create(caller, body);
  }

  @Patch(':id')
  @Endpoint({
    summary: 'Change name or time zone of a site',
    access: 'fleet.write',
    returns: siteSchema,
    errors: ['resource.not-found', 'resource.conflict'],
  })
  async update(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: updateSiteSchema }) body: UpdateSite,
  ) {
    return found(await this.sites.update(caller, id, body), 'site');
  }

  @Delete(':id')
  @HttpCode(204)
  @Endpoint({ summary: 'Remove a site without devices', access: 'fleet.write', errors: ['resource.not-found', 'resource.in-use'] })
  async remove(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    if (!(await this.sites.remove(caller, id))) throw notFound('site');
  }
}
