import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { allowedNetworks } from './address-guard.ts';
import { WebhookEndpointsRepository } from './webhook-endpoints.repository.ts';
import { WebhooksController } from './webhooks.controller.ts';
import { WebhooksService } from './webhooks.service.ts';

const webhooks = ({ database, ids, sealer, webhookNetworks }: ApiPorts) =>
  new WebhooksService(new WebhookEndpointsRepository(database), { ids, sealer, allowed: allowedNetworks(webhookNetworks) });

@Module({
  controllers: [WebhooksController],
  providers: [{ provide: WebhooksService, useFactory: webhooks, inject: [API_PORTS] }],
})
export class WebhooksModule {}
