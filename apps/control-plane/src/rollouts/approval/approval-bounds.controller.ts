import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { rolloutApprovalSchema, type UpdateRolloutApproval, updateRolloutApprovalSchema } from '@towline/protocol/http';
import { Caller } from '../../platform/http/access.ts';
import { Endpoint } from '../../platform/http/endpoint.ts';
import { ApprovalBoundsService } from './approval-bounds.service.ts';

@ApiTags('rollouts')
@Controller('v1/rollouts/approval')
export class ApprovalBoundsController {
  constructor(private readonly bounds: ApprovalBoundsService) {}

  @Get()
  @Endpoint({
    summary: 'How many devices, and at which risks, one person may roll out to alone',
    access: 'fleet.read',
    returns: rolloutApprovalSchema,
  })
  get(@Caller() caller: Caller) {
    return this.bounds.get(caller);
  }

  @Patch()
  @Endpoint({
    summary: 'Set how many devices, and at which risks, one person may roll out to alone; rollouts already submitted stay as they are',
    access: 'rollout.approve',
    returns: rolloutApprovalSchema,
  })
  set(@Caller() caller: Caller, @Body({ schema: updateRolloutApprovalSchema }) body: UpdateRolloutApproval) {
    return this.bounds.set(caller, body);
  }
}
