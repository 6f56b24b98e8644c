import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { rolloutProgressSchema, rolloutWindowsSchema } from '@towline/protocol/http';
import * as z from 'zod';
import { responseSink } from '../../events/response-sink.ts';
import { Caller } from '../../platform/http/access.ts';
import { Endpoint } from '../../platform/http/endpoint.ts';
import type { HttpReply, HttpRequest } from '../../platform/http/exchange.ts';
import { ProgressService } from './progress.service.ts';

const idSchema = z.uuid();
/** As we give them out; anything else is nothing we said. */
const knownIdSchema = z.string().max(64).catch('');

@ApiTags('rollouts')
@Controller('v1/rollouts')
export class ProgressController {
  constructor(private readonly progress: ProgressService) {}

  @Get(':id/progress')
  @Endpoint({
    summary: 'Counts per state and wave, and why devices went wrong or wait',
    access: 'fleet.read',
    returns: rolloutProgressSchema,
    errors: ['resource.not-found'],
  })
  get(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return this.progress.get(caller, id);
  }

  @Get(':id/windows')
  @Endpoint({
    summary: 'When its windows open, by time zone of the devices that are still to be changed',
    access: 'fleet.read',
    returns: rolloutWindowsSchema,
    errors: ['resource.not-found'],
  })
  windows(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return this.progress.windows(caller, id);
  }

  @Get(':id/stream')
  @Endpoint({
    summary: 'The same, live, as server-sent events',
    description:
      'Event progress, at most twice a second; each is complete. A reader that comes back sends Last-Event-ID and hears only what is new. ' +
      'The stream ends with the rollout; 204 then says that there is nothing to come back for. It also ends after an hour.',
    access: 'fleet.read',
    returns: rolloutProgressSchema,
    errors: ['resource.not-found'],
  })
  async stream(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) rollout: string,
    @Req() request: HttpRequest,
    @Res() reply: HttpReply,
  ) {
    const knownId = knownIdSchema.parse(request.headers['last-event-id']);
    const opened = await this.progress.openStream(caller, { rollout, knownId }, () => responseSink(request, reply));
    if (opened === 'nothing-new') reply.status(204).send('');
  }
}
