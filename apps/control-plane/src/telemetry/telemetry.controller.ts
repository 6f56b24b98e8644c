import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { deviceIdSchema } from '@towline/protocol';
import {
  latestSamplesSchema,
  type SampleQuery,
  type SeriesQuery,
  samplePageSchema,
  sampleQuerySchema,
  seriesQuerySchema,
  seriesSchema,
} from '@towline/protocol/http';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { TelemetryService } from './telemetry.service.ts';

@ApiTags('telemetry')
@Controller('v1/devices/:id/telemetry')
export class TelemetryController {
  constructor(private readonly telemetry: TelemetryService) {}

  @Get()
  @Endpoint({
    summary: 'Samples, newest first; the last 24 hours without bounds',
    access: 'fleet.read',
    returns: samplePageSchema,
    errors: ['resource.not-found', 'cursor.invalid'],
  })
  range(
    @Caller() caller: Caller,
    @Param('id', { schema: deviceIdSchema }) id: string,
    @Query({ schema: sampleQuerySchema }) query: SampleQuery,
  ) {
    return this.telemetry.range(caller, id, query);
  }

  @Get('latest')
  @Endpoint({
    summary: 'The newest sample of each modem',
    access: 'fleet.read',
    returns: latestSamplesSchema,
    errors: ['resource.not-found'],
  })
  latest(@Caller() caller: Caller, @Param('id', { schema: deviceIdSchema }) id: string) {
    return this.telemetry.latest(caller, id);
  }

  @Get('series')
  @Endpoint({
    summary: 'One column in buckets: average, least and greatest of each',
    description: 'At most 1000 buckets over at most 366 days; 200 buckets without points or bucketS. A bucket without a value is left out.',
    access: 'fleet.read',
    returns: seriesSchema,
    errors: ['resource.not-found'],
  })
  series(
    @Caller() caller: Caller,
    @Param('id', { schema: deviceIdSchema }) id: string,
    @Query({ schema: seriesQuerySchema }) query: SeriesQuery,
  ) {
    return this.telemetry.series(caller, id, query);
  }
}
