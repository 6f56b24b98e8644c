import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type Action,
  type CreateRollout,
  createRolloutSchema,
  type RolloutActRequest,
  type RolloutDeviceQuery,
  type RolloutQuery,
  rolloutActSchema,
  rolloutDevicePageSchema,
  rolloutDeviceQuerySchema,
  rolloutOverlapsSchema,
  rolloutPageSchema,
  rolloutQuerySchema,
  rolloutSchema,
  type UpdateRollout,
  updateRolloutSchema,
} from '@towline/protocol/http';
import * as z from 'zod';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { RolloutActsService } from './rollout-acts.service.ts';
import { RolloutsService } from './rollouts.service.ts';

const id = { schema: z.uuid() };
const act = { schema: rolloutActSchema };

/** An act on a rollout: what it answers is the rollout after it. */
const Act = (summary: string, access: Action = 'rollout.drive') =>
  Endpoint({
    summary,
    access,
    returns: rolloutSchema,
    errors: ['resource.not-found', 'rollout.wrong-state', 'rollout.changed', 'rollout.second-person', 'filter.invalid'],
  });

@ApiTags('rollouts')
@Controller('v1/rollouts')
export class RolloutsController {
  constructor(
    private readonly rollouts: RolloutsService,
    private readonly acts: RolloutActsService,
  ) {}

  @Get()
  @Endpoint({ summary: 'Rollouts, newest first', access: 'fleet.read', returns: rolloutPageSchema, errors: ['cursor.invalid'] })
  list(@Caller() caller: Caller, @Query({ schema: rolloutQuerySchema }) query: RolloutQuery) {
    return this.rollouts.list(caller, query);
  }

  @Post()
  @Endpoint({
    summary: 'Draft a rollout: nothing moves until it was planned, submitted, approved where that is needed, and started',
    access: 'rollout.drive',
    returns: rolloutSchema,
    status: 201,
    errors: ['resource.conflict', 'filter.invalid'],
  })
  create(@Caller() caller: Caller, @Body({ schema: createRolloutSchema }) body: CreateRollout) {
    return this.rollouts.create(caller, body);
  }

  @Get(':id')
  @Endpoint({
    summary: 'One rollout with its waves and counts',
    access: 'fleet.read',
    returns: rolloutSchema,
    errors: ['resource.not-found'],
  })
  get(@Caller() caller: Caller, @Param('id', id) rollout: string) {
    return this.rollouts.get(caller, rollout);
  }

  @Get(':id/overlaps')
  @Endpoint({
    summary: 'Which other rollouts want the same devices, how many, and who goes first',
    access: 'fleet.read',
    returns: rolloutOverlapsSchema,
    errors: ['resource.not-found'],
  })
  overlaps(@Caller() caller: Caller, @Param('id', id) rollout: string) {
    return this.rollouts.overlaps(caller, rollout);
  }

  @Get(':id/devices')
  @Endpoint({
    summary: 'Its devices by id: where each stands, and why',
    access: 'fleet.read',
    returns: rolloutDevicePageSchema,
    errors: ['resource.not-found', 'cursor.invalid'],
  })
  devices(
    @Caller() caller: Caller,
    @Param('id', id) rollout: string,
    @Query({ schema: rolloutDeviceQuerySchema }) query: RolloutDeviceQuery,
  ) {
    return this.rollouts.devices(caller, rollout, query);
  }

  @Patch(':id')
  @Act('Change a draft; name, priority and note at any time')
  update(@Caller() caller: Caller, @Param('id', id) rollout: string, @Body({ schema: updateRolloutSchema }) body: UpdateRollout) {
    return this.rollouts.update(caller, rollout, body);
  }

  @Post(':id/plan')
  @HttpCode(200)
  @Act('Lay down its devices and waves, as the selection is now')
  plan(@Caller() caller: Caller, @Param('id', id) rollout: string, @Body(act) body: RolloutActRequest) {
    return this.acts.plan(caller, rollout, body);
  }

  @Post(':id/submit')
  @HttpCode(200)
  @Act('Submit what was planned: from here on it does not change')
  submit(@Caller() caller: Caller, @Param('id', id) rollout: string, @Body(act) body: RolloutActRequest) {
    return this.acts.submit(caller, rollout, body);
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Act('Approve, as somebody else than who made or changed it', 'rollout.approve')
  approve(@Caller() caller: Caller, @Param('id', id) rollout: string, @Body(act) body: RolloutActRequest) {
    return this.acts.approve(caller, rollout, body);
  }

  @Post(':id/reject')
  @HttpCode(200)
  @Act('Send it back: it is a draft again', 'rollout.approve')
  reject(@Caller() caller: Caller, @Param('id', id) rollout: string, @Body(act) body: RolloutActRequest) {
    return this.acts.reject(caller, rollout, body);
  }

  @Post(':id/start')
  @HttpCode(200)
  @Act('Begin with wave 1')
  start(@Caller() caller: Caller, @Param('id', id) rollout: string, @Body(act) body: RolloutActRequest) {
    return this.acts.start(caller, rollout, body);
  }

  @Post(':id/pause')
  @HttpCode(200)
  @Act('Open nothing more for now; what is on its way comes to its end')
  pause(@Caller() caller: Caller, @Param('id', id) rollout: string, @Body(act) body: RolloutActRequest) {
    return this.acts.pause(caller, rollout, body);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @Act('Go on; what went wrong so far does not halt it again')
  resume(@Caller() caller: Caller, @Param('id', id) rollout: string, @Body(act) body: RolloutActRequest) {
    return this.acts.resume(caller, rollout, body);
  }

  @Post(':id/finish')
  @HttpCode(200)
  @Act('Let it be enough: nobody more is opened or taken in; what is on its way comes to its end')
  finish(@Caller() caller: Caller, @Param('id', id) rollout: string, @Body(act) body: RolloutActRequest) {
    return this.acts.finish(caller, rollout, body);
  }

  @Post(':id/abort')
  @HttpCode(200)
  @Act('Open nothing more, for good; what is on its way comes to its end')
  abort(@Caller() caller: Caller, @Param('id', id) rollout: string, @Body(act) body: RolloutActRequest) {
    return this.acts.abort(caller, rollout, body);
  }

  @Post(':id/next-wave')
  @HttpCode(200)
  @Act('Begin the next wave, whatever became of the current one')
  nextWave(@Caller() caller: Caller, @Param('id', id) rollout: string, @Body(act) body: RolloutActRequest) {
    return this.acts.nextWave(caller, rollout, body);
  }

  @Post(':id/retry-failed')
  @HttpCode(200)
  @Act('One more try for every device that failed, went back or fell silent')
  retryFailed(@Caller() caller: Caller, @Param('id', id) rollout: string, @Body(act) body: RolloutActRequest) {
    return this.acts.retryFailed(caller, rollout, body);
  }

  @Post(':id/revert')
  @HttpCode(200)
  @Act('Lead every device back to the policy version that it had before, but those that were changed since')
  revert(@Caller() caller: Caller, @Param('id', id) rollout: string, @Body(act) body: RolloutActRequest) {
    return this.acts.revert(caller, rollout, body);
  }
}
