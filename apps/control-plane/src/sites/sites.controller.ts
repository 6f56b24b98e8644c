import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type CreateSite,
  createSiteSchema,
  type HoldSite,
  holdSiteSchema,
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
import { found, notFound, refusal } from '../platform/refusal.ts';
import { SiteHoldsRepository } from './site-holds.repository.ts';
import { SitesRepository } from './sites.repository.ts';

const idSchema = z.uuid();

@ApiTags('sites')
@Controller('v1/sites')
export class SitesController {
  constructor(
    private readonly sites: SitesRepository,
    private readonly holds: SiteHoldsRepository,
  ) {}

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

  @Post(':id/hold')
  @HttpCode(200)
  @Endpoint({
    summary: 'Keep everything off a site, because somebody is at work there',
    description:
      'From the answer on no change and no job is opened for its devices, and what was on its way to them and has not arrived waits. ' +
      'It ends at `until`, by the clock of the database, or when it is lifted. A hold that stands is replaced.',
    access: 'fleet.write',
    returns: siteSchema,
    errors: ['resource.not-found'],
  })
  async hold(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: holdSiteSchema }) body: HoldSite) {
    const placing = await this.holds.place(caller, id, body);
    if (placing === 'no-site') throw notFound('site');
    if (placing === 'over-already')
      throw refusal('request.invalid', 'nothing was held', [{ path: 'until', message: 'must be in the future' }]);
    return found(await this.sites.get(caller.tenant, id), 'site');
  }

  @Delete(':id/hold')
  @HttpCode(204)
  @Endpoint({ summary: 'Lift the hold of a site; what waited goes on its way', access: 'fleet.write', errors: ['resource.not-found'] })
  async lift(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    if (!(await this.holds.lift(caller, id))) throw notFound('site');
  }
}
