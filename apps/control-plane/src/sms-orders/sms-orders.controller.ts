import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { deviceIdSchema } from '@towline/protocol';
import { type CreateSmsOrder, createSmsOrderSchema, smsOrderSchema } from '@towline/protocol/http';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { SmsOrdersService } from './sms-orders.service.ts';

@ApiTags('jobs')
@Controller('v1/devices')
export class SmsOrdersController {
  constructor(private readonly orders: SmsOrdersService) {}

  @Post(':id/sms-orders')
  @Endpoint({
    summary: 'Write the text of an order by SMS, for a device that IP does not reach',
    description:
      'Nothing is sent: send the text, as it is, to the number of the card in the device, from a number that its configuration allows. ' +
      'It works once, and a later one makes it void. `revert` takes back an open change, `report` makes the device dial and report.',
    access: 'job.order',
    returns: smsOrderSchema,
    status: 201,
    errors: ['resource.not-found', 'resource.conflict'],
  })
  create(
    @Caller() caller: Caller,
    @Param('id', { schema: deviceIdSchema }) id: string,
    @Body({ schema: createSmsOrderSchema }) body: CreateSmsOrder,
  ) {
    return this.orders.create(caller, id, body);
  }
}
