import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type CreateWebhook,
  createWebhookSchema,
  type PageQuery,
  pageQuerySchema,
  redeliveredSchema,
  type UpdateWebhook,
  updateWebhookSchema,
  type WebhookDeliveryQuery,
  webhookDeliveryPageSchema,
  webhookDeliveryQuerySchema,
  webhookDeliverySchema,
  webhookPageSchema,
  webhookSchema,
  webhookWithSecretSchema,
} from '@towline/protocol/http';
import * as z from 'zod';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { WebhooksService } from './webhooks.service.ts';

const idSchema = z.uuid();
const access = 'webhook.write';

@ApiTags('webhooks')
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Get()
  @Endpoint({ summary: 'Webhooks', access, returns: webhookPageSchema, errors: ['cursor.invalid'] })
  list(@Caller() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.webhooks.list(caller, query);
  }

  @Post()
  @Endpoint({
    summary: 'Create a webhook; its secret is shown this once',
    description:
      'Messages are signed as Standard Webhooks 1.0 says: headers webhook-id, webhook-timestamp, webhook-signature. Anything but 2xx is tried again.',
    access,
    returns: webhookWithSecretSchema,
    status: 201,
    errors: ['resource.conflict'],
  })
  create(@Caller() caller: Caller, @Body({ schema: createWebhookSchema }) body: CreateWebhook) {
    return this.webhooks.create(caller, body);
  }

  @Get(':id')
  @Endpoint({ summary: 'One webhook', access, returns: webhookSchema, errors: ['resource.not-found'] })
  get(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return this.webhooks.get(caller, id);
  }

  @Patch(':id')
  @Endpoint({
    summary: 'Change, pause or activate a webhook; what waits for it is tried at once when it is activated',
    access,
    returns: webhookSchema,
    errors: ['resource.not-found'],
  })
  update(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Body({ schema: updateWebhookSchema }) body: UpdateWebhook,
  ) {
    return this.webhooks.update(caller, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @Endpoint({ summary: 'Remove a webhook with all that waits for it', access, errors: ['resource.not-found'] })
  remove(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return this.webhooks.remove(caller, id);
  }

  @Post(':id/secret')
  @HttpCode(200)
  @Endpoint({
    summary: 'Make a new secret, shown this once; the former one signs too for a day',
    access,
    returns: webhookWithSecretSchema,
    errors: ['resource.not-found'],
  })
  changeSecret(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return this.webhooks.changeSecret(caller, id);
  }

  @Post(':id/test')
  @Endpoint({
    summary: 'Send it a message of type webhook.test',
    access,
    returns: webhookDeliverySchema,
    status: 201,
    errors: ['resource.not-found'],
  })
  test(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return this.webhooks.test(caller, id);
  }

  @Get(':id/deliveries')
  @Endpoint({
    summary: 'What was or is to be sent, newest first',
    access,
    returns: webhookDeliveryPageSchema,
    errors: ['resource.not-found', 'cursor.invalid'],
  })
  deliveries(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Query({ schema: webhookDeliveryQuerySchema }) query: WebhookDeliveryQuery,
  ) {
    return this.webhooks.deliveries(caller, id, query);
  }

  @Post(':id/redeliver')
  @HttpCode(200)
  @Endpoint({
    summary: 'Send again what failed, at most 1000 at once, under the same ids',
    access,
    returns: redeliveredSchema,
    errors: ['resource.not-found'],
  })
  redeliverFailed(@Caller() caller: Caller, @Param('id', { schema: idSchema }) id: string) {
    return this.webhooks.redeliver(caller, id, null);
  }

  @Post(':id/deliveries/:delivery/redeliver')
  @HttpCode(200)
  @Endpoint({ summary: 'Send one again, under its own id', access, returns: redeliveredSchema, errors: ['resource.not-found'] })
  redeliver(
    @Caller() caller: Caller,
    @Param('id', { schema: idSchema }) id: string,
    @Param('delivery', { schema: idSchema }) delivery: string,
  ) {
    return this.webhooks.redeliver(caller, id, delivery);
  }
}
