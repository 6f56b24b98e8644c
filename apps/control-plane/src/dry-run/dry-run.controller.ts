import { Body, Controller, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { type DryRun, dryRunLineSchema, dryRunSchema } from '@towline/protocol/http';
import * as z from 'zod';
import { Caller } from '../platform/http/access.ts';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import type { HttpReply } from '../platform/http/exchange.ts';
import { jsonLines, streamLines } from '../platform/http/stream-lines.ts';
import { DryRunService } from './dry-run.service.ts';

const idSchema = z.uuid();

@ApiTags('dry runs')
@Controller('v1')
export class DryRunController {
  constructor(
    private readonly dryRuns: DryRunService,
    @Inject(API_PORTS) private readonly ports: ApiPorts,
  ) {}

  @Post('dry-runs')
  @HttpCode(200)
  @ApiProduces('application/x-ndjson')
  @Endpoint({
    summary: 'What a policy version would do to these devices; nothing is changed',
    description:
      'A line of JSON for each device, in the order of their ids: what differs, the steps of the agent, for how long the link may be away, and what ' +
      'speaks against it. The last line sums up, in counts and in one sentence; an answer without it was cut short.',
    access: 'fleet.read',
    returns: dryRunLineSchema,
    errors: ['filter.invalid', 'secrets.unreadable'],
  })
  async run(@Caller() caller: Caller, @Body({ schema: dryRunSchema }) body: DryRun, @Res() reply: HttpReply): Promise<void> {
    const lines = jsonLines(this.dryRuns.run(caller, body));
    await streamLines(reply, { contentType: 'application/x-ndjson', lines, clock: this.ports.clock });
  }

  @Post('rollouts/:id/dry-run')
  @HttpCode(200)
  @ApiProduces('application/x-ndjson')
  @Endpoint({
    summary: 'What a rollout of a policy version would do to the devices that its selection names now; nothing is changed',
    access: 'fleet.read',
    returns: dryRunLineSchema,
    errors: ['resource.not-found', 'secrets.unreadable'],
  })
  async runRollout(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Res() reply: HttpReply): Promise<void> {
    const lines = jsonLines(this.dryRuns.runRollout(caller, id));
    await streamLines(reply, { contentType: 'application/x-ndjson', lines, clock: this.ports.clock });
  }
}
