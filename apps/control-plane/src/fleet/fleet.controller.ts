import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { fleetSummarySchema } from '@towline/protocol/http';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { FleetService } from './fleet.service.ts';

@ApiTags('fleet')
@Controller('v1/fleet')
export class FleetController {
  constructor(private readonly fleet: FleetService) {}

  @Get('summary')
  @Endpoint({
    summary: 'The fleet in numbers, a few seconds old at most for all but very large fleets',
    access: 'fleet.read',
    returns: fleetSummarySchema,
  })
  summary(@Caller() caller: Caller) {
    return this.fleet.summary(caller.tenant);
  }
}
