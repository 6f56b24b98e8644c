import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type AuditQuery,
  auditPageSchema,
  auditQuerySchema,
  type PageQuery,
  pageQuerySchema,
  quarantinePageSchema,
} from '@towline/protocol/http';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { AuditRepository } from './audit.repository.ts';

@ApiTags('audit')
@Controller('v1')
export class AuditController {
  constructor(private readonly entries: AuditRepository) {}

  @Get('audit')
  @Endpoint({ summary: 'Who changed what, newest first', access: 'audit.read', returns: auditPageSchema, errors: ['cursor.invalid'] })
  list(@Caller() caller: Caller, @Query({ schema: auditQuerySchema }) query: AuditQuery) {
    return this.entries.list(caller.tenant, query);
  }

  @Get('quarantine')
  @Endpoint({
    summary: 'Messages of devices that could not be taken, with the reason, newest first',
    access: 'audit.read',
    returns: quarantinePageSchema,
    errors: ['cursor.invalid'],
  })
  listQuarantine(@Caller() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.entries.listQuarantine(caller.tenant, query);
  }
}
