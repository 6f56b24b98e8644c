import { Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiConsumes, ApiTags } from '@nestjs/swagger';
import {
  deviceListPageSchema,
  deviceListSchema,
  type ImportListQuery,
  importedListSchema,
  importListQuerySchema,
  type PageQuery,
  pageQuerySchema,
} from '@towline/protocol/http';
import * as z from 'zod';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import type { HttpRequest } from '../platform/http/exchange.ts';
import { refusal } from '../platform/refusal.ts';
import { DeviceListsService } from './device-lists.service.ts';

const idSchema = z.uuid();
const isCsv = ({ headers }: HttpRequest) => String(headers['content-type'] ?? '').startsWith('text/csv');

@ApiTags('device lists')
@Controller('v1/device-lists')
export class DeviceListsController {
  constructor(private readonly lists: DeviceListsService) {}

  @Get()
  @Endpoint({ summary: 'Imported lists by name', access: 'fleet.read', returns: deviceListPageSchema, errors: ['cursor.invalid'] })
  list(@Caller() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.lists.list(caller, query);
  }

  @Get(':id')
  @Endpoint({ summary: 'One list', access: 'fleet.read', returns: deviceListSchema, errors: ['resource.not-found'] })
  get(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return this.lists.get(caller, id);
  }

  @Post()
  @ApiConsumes('text/csv')
  @Endpoint({
    summary: 'Import a list of devices from CSV: device ids, ICCIDs or IMEIs',
    description:
      'Send the file as text/csv. A heading device, iccid or imei says which column counts; without one the first cell of a row does, by its ' +
      'shape. A row that names no device refuses the whole file, unless partial is true; each is told by its line.',
    access: 'fleet.write',
    returns: importedListSchema,
    status: 201,
    errors: ['request.too-large', 'request.unsupported-type', 'resource.conflict'],
  })
  import(@Caller() caller: Caller, @Query({ schema: importListQuerySchema }) query: ImportListQuery, @Req() request: HttpRequest) {
    if (!isCsv(request)) throw refusal('request.unsupported-type', 'send the file as text/csv');
    return this.lists.import(caller, query, request.raw);
  }

  @Delete(':id')
  @HttpCode(204)
  @Endpoint({ summary: 'Remove a list; its devices stay', access: 'fleet.write', errors: ['resource.not-found'] })
  remove(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return this.lists.remove(caller, id);
  }
}
