import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type EventQuery,
  eventPageSchema,
  eventQuerySchema,
  type StreamQuery,
  streamChangeSchema,
  streamQuerySchema,
} from '@towline/protocol/http';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import type { HttpReply, HttpRequest } from '../platform/http/exchange.ts';
import { EventsService } from './events.service.ts';
import { responseSink } from './response-sink.ts';

@ApiTags('events')
@Controller('v1')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Get('events')
  @Endpoint({
    summary: 'What happened on devices, newest first',
    access: 'fleet.read',
    returns: eventPageSchema,
    errors: ['cursor.invalid'],
  })
  list(@Caller() caller: Caller, @Query({ schema: eventQuerySchema }) query: EventQuery) {
    return this.events.list(caller, query);
  }

  @Get('stream')
  @Endpoint({
    summary: 'Live changes as server-sent events',
    description:
      'Events device, target, job, event and rollout say what to read anew; dropped counts what a slow reader missed; after gap read everything anew. The token is looked at once, when the stream opens; it ends after an hour.',
    access: 'fleet.read',
    returns: streamChangeSchema,
    errors: ['resource.not-found'],
  })
  async stream(
    @Caller() caller: Caller,
    @Query({ schema: streamQuerySchema }) query: StreamQuery,
    @Req() request: HttpRequest,
    @Res() reply: HttpReply,
  ) {
    await this.events.openStream(caller, query, () => responseSink(request, reply));
  }
}
