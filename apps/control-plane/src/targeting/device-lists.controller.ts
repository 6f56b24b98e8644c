import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiConsumes, ApiProduces, ApiTags } from '@nestjs/swagger';
import {
  deviceListPageSchema,
  deviceListSchema,
  type ImportListQuery,
  importedListSchema,
  importLineSchema,
  importListQuerySchema,
  type PageQuery,
  pageQuerySchema,
} from '@towline/protocol/http';
import * as z from 'zod';
import { Caller } from '../platform/http/access.ts';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import type { HttpReply, HttpRequest } from '../platform/http/exchange.ts';
import { jsonLines, streamLines } from '../platform/http/stream-lines.ts';
import { refusal } from '../platform/refusal.ts';
import { DeviceListsService } from './device-lists.service.ts';

const idSchema = z.uuid();

function fileOf({ headers, raw }: HttpRequest): HttpRequest['raw'] {
  if (!String(headers['content-type'] ?? '').startsWith('text/csv')) throw refusal('request.unsupported-type', 'send the file as text/csv');
  return raw;
}

@ApiTags('device lists')
@Controller('v1/device-lists')
export class DeviceListsController {
  constructor(
    private readonly lists: DeviceListsService,
    @Inject(API_PORTS) private readonly ports: ApiPorts,
  ) {}

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
    return this.lists.import(caller, query, fileOf(request));
  }

  @Post('stream')
  @HttpCode(200)
  @ApiConsumes('text/csv')
  @ApiProduces('application/x-ndjson')
  @Endpoint({
    summary: 'The same import, told as it goes',
    description:
      'Lines of JSON: rows looked up so far, and at the end the list, or the problem for which nothing was imported. An answer without either was cut short.',
    access: 'fleet.write',
    returns: importLineSchema,
    errors: ['request.unsupported-type'],
  })
  async importTold(
    @Caller() caller: Caller,
    @Query({ schema: importListQuerySchema }) query: ImportListQuery,
    @Req() request: HttpRequest,
    @Res() reply: HttpReply,
  ): Promise<void> {
    const lines = jsonLines(this.lists.importTold(caller, query, fileOf(request)));
    await streamLines(reply, { contentType: 'application/x-ndjson', lines, clock: this.ports.clock });
  }

  @Delete(':id')
  @HttpCode(204)
  @Endpoint({ summary: 'Remove a list; its devices stay', access: 'fleet.write', errors: ['resource.not-found'] })
  remove(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return this.lists.remove(caller, id);
  }
}
