import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type ChangeMembers,
  type CreateGroup,
  changeMembersSchema,
  createGroupSchema,
  groupPageSchema,
  groupSchema,
  memberPageSchema,
  membersChangedSchema,
  type PageQuery,
  pageQuerySchema,
  type UpdateGroup,
  updateGroupSchema,
} from '@towline/protocol/http';
import * as z from 'zod';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { found, notFound } from '../platform/refusal.ts';
import { checkGroupFilter } from './group-filter.ts';
import { GroupsRepository } from './groups.repository.ts';

const idSchema = z.uuid();

@ApiTags('groups')
@Controller('v1/groups')
export class GroupsController {
  constructor(private readonly groups: GroupsRepository) {}

  @Get()
  @Endpoint({ summary: 'Groups by rank, the strongest first', access: 'fleet.read', returns: groupPageSchema, errors: ['cursor.invalid'] })
  list(@Caller() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.groups.list(caller.tenant, query);
  }

  @Get(':id')
  @Endpoint({ summary: 'One group', access: 'fleet.read', returns: groupSchema, errors: ['resource.not-found'] })
  async get(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return found(await this.groups.get(caller.tenant, id), 'group');
  }

  @Post()
  @Endpoint({
    summary: 'Create a group; with a filter it also holds whoever matches whenever it is asked',
    access: 'fleet.write',
    returns: groupSchema,
    status: 201,
    errors: ['resource.conflict', 'filter.invalid'],
  })
  create(@Caller() caller: Caller, @Body({ schema: createGroupSchema }) body: CreateGroup) {
    if (body.filter !== undefined) checkGroupFilter(body.filter);
    return this.groups.create(caller, body);
  }

  @Patch(':id')
  @Endpoint({
    summary: 'Rename or rank a group, or give it another filter; no link moves',
    access: 'fleet.write',
    returns: groupSchema,
    errors: ['resource.not-found', 'resource.conflict', 'filter.invalid'],
  })
  async update(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: updateGroupSchema }) body: UpdateGroup,
  ) {
    if (typeof body.filter === 'string') checkGroupFilter(body.filter);
    return found(await this.groups.update(caller, id, body), 'group');
  }

  @Delete(':id')
  @HttpCode(204)
  @Endpoint({ summary: 'Remove a group; its devices stay', access: 'fleet.write', errors: ['resource.not-found'] })
  async remove(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    if (!(await this.groups.remove(caller, id))) throw notFound('group');
  }

  @Get(':id/members')
  @Endpoint({
    summary: 'Devices of a group',
    access: 'fleet.read',
    returns: memberPageSchema,
    errors: ['cursor.invalid', 'resource.not-found'],
  })
  async listMembers(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Query({ schema: pageQuerySchema }) query: PageQuery,
  ) {
    return this.groups.listMembers(caller.tenant, found(await this.groups.get(caller.tenant, id), 'group'), query);
  }

  @Post(':id/members')
  @HttpCode(200)
  @Endpoint({
    summary: 'Add and remove devices; no link moves before an assignment',
    access: 'fleet.write',
    returns: membersChangedSchema,
    errors: ['resource.not-found'],
  })
  async changeMembers(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: changeMembersSchema }) body: ChangeMembers,
  ) {
    return found(await this.groups.changeMembers(caller, id, body), 'group');
  }
}
