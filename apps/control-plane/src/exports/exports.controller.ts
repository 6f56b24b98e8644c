import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import {
  type ExportDevicesQuery,
  type ExportFormat,
  type ExportRolloutQuery,
  type ExportRow,
  exportDevicesQuerySchema,
  exportRolloutQuerySchema,
  exportRowSchema,
} from '@towline/protocol/http';
import * as z from 'zod';
import { filterHelp } from '../devices/filter/filter-help.ts';
import { Caller } from '../platform/http/access.ts';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import type { HttpReply } from '../platform/http/exchange.ts';
import { streamLines } from '../platform/http/stream-lines.ts';
import { found } from '../platform/refusal.ts';
import { contentTypes, exportLines } from './export-lines.ts';
import { deviceColumns, ExportsRepository, rolloutColumns } from './exports.repository.ts';

const idSchema = z.uuid();

const isWhole = 'x-total-count says how many rows to expect; an answer that ends with its connection cut is not the whole.';

interface File {
  readonly name: string;
  readonly format: ExportFormat;
  readonly columns: readonly string[];
  readonly count: number;
  readonly rows: AsyncGenerator<ExportRow>;
}

@ApiTags('exports')
@Controller('v1/exports')
export class ExportsController {
  constructor(
    private readonly exports: ExportsRepository,
    @Inject(API_PORTS) private readonly ports: ApiPorts,
  ) {}

  @Get('devices')
  @ApiProduces('text/csv', 'application/x-ndjson')
  @Endpoint({
    summary: 'Devices as a file, in the order of their ids',
    description: `${filterHelp} ${isWhole}`,
    access: 'fleet.read',
    returns: exportRowSchema,
    errors: ['filter.invalid'],
  })
  async devices(
    @Caller() { tenant }: Caller,
    @Query({ schema: exportDevicesQuerySchema }) { filter, format }: ExportDevicesQuery,
    @Res() reply: HttpReply,
  ): Promise<void> {
    const count = await this.exports.deviceCount(tenant, filter);
    const rows = this.exports.devices(tenant, filter);
    await this.#send(reply, { name: 'devices', format, columns: deviceColumns, count, rows });
  }

  @Get('rollouts/:id/devices')
  @ApiProduces('text/csv', 'application/x-ndjson')
  @Endpoint({
    summary: 'Devices of a rollout as a file, with where each of them stands',
    description: isWhole,
    access: 'fleet.read',
    returns: exportRowSchema,
    errors: ['resource.not-found'],
  })
  async rollout(
    @Caller() { tenant }: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Query({ schema: exportRolloutQuerySchema }) { format }: ExportRolloutQuery,
    @Res() reply: HttpReply,
  ): Promise<void> {
    const count = found(await this.exports.rolloutDeviceCount(tenant, id), 'rollout');
    const rows = this.exports.rolloutDevices(tenant, id);
    await this.#send(reply, { name: `rollout-${id}`, format, columns: rolloutColumns, count, rows });
  }

  #send(reply: HttpReply, { name, format, columns, count, rows }: File): Promise<void> {
    const lines = exportLines(format, columns, rows);
    const { clock } = this.ports;
    return streamLines(reply, { contentType: contentTypes[format], fileName: `${name}.${format}`, rows: count, lines, clock });
  }
}
