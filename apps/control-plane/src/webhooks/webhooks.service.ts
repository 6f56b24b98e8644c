import type {
  CreateWebhook,
  Page,
  PageQuery,
  UpdateWebhook,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryQuery,
  WebhookWithSecret,
} from '@towline/protocol/http';
import type { Caller } from '../operators/authorise.ts';
import type { Ids } from '../platform/clock.ts';
import { found, notFound, refusal } from '../platform/refusal.ts';
import type { Sealer } from '../platform/sealer.ts';
import { type AllowedNetworks, urlProblem } from './address-guard.ts';
import { webhookSecret } from './sign-webhook.ts';
import { maxWebhooks, type WebhookEndpointsRepository } from './webhook-endpoints.repository.ts';

const secretBytes = 32;

export interface WebhookMeans {
  readonly ids: Ids;
  readonly sealer: Sealer;
  readonly allowed: AllowedNetworks;
}

export class WebhooksService {
  readonly #endpoints: WebhookEndpointsRepository;
  readonly #means: WebhookMeans;

  constructor(endpoints: WebhookEndpointsRepository, means: WebhookMeans) {
    this.#endpoints = endpoints;
    this.#means = means;
  }

  list(caller: Caller, query: PageQuery): Promise<Page<Webhook>> {
    return this.#endpoints.list(caller.tenant, query);
  }

  async get(caller: Caller, id: string): Promise<Webhook> {
    return found(await this.#endpoints.get(caller.tenant, id), 'webhook');
  }

  async create(caller: Caller, request: CreateWebhook): Promise<WebhookWithSecret> {
    this.#refuseUrl(request.url);
    const { secret, sealedSecret } = this.#newSecret();
    const made = await this.#endpoints.create(caller, { ...request, id: this.#means.ids.uuid(), sealedSecret });
    if (!made) throw refusal('resource.conflict', `there are ${maxWebhooks} webhooks already: remove one`);
    return { ...made, secret };
  }

  async update(caller: Caller, id: string, change: UpdateWebhook): Promise<Webhook> {
    if (change.url !== undefined) this.#refuseUrl(change.url);
    return found(await this.#endpoints.update(caller, id, change), 'webhook');
  }

  async changeSecret(caller: Caller, id: string): Promise<WebhookWithSecret> {
    const { secret, sealedSecret } = this.#newSecret();
    return { ...found(await this.#endpoints.changeSecret(caller, id, sealedSecret), 'webhook'), secret };
  }

  async remove(caller: Caller, id: string): Promise<void> {
    if (!(await this.#endpoints.remove(caller, id))) throw notFound('webhook');
  }

  async test(caller: Caller, id: string): Promise<WebhookDelivery> {
    return found(await this.#endpoints.test(caller, id, this.#means.ids.uuid()), 'webhook');
  }

  async deliveries(caller: Caller, id: string, query: WebhookDeliveryQuery): Promise<Page<WebhookDelivery>> {
    await this.get(caller, id);
    return this.#endpoints.deliveries(caller.tenant, id, query);
  }

  /** @param delivery null: those that failed */
  async redeliver(caller: Caller, id: string, delivery: string | null): Promise<{ deliveries: number }> {
    await this.get(caller, id);
    if (delivery !== null && !(await this.#endpoints.deliveryExists(caller.tenant, id, delivery))) throw notFound('delivery');
    return { deliveries: await this.#endpoints.redeliver(caller, id, delivery) };
  }

  #newSecret() {
    const secret = webhookSecret(this.#means.ids.secret(secretBytes));
    return { secret, sealedSecret: this.#means.sealer.seal(secret) };
  }

  #refuseUrl(url: string): void {
    const message = urlProblem(url, this.#means.allowed);
    if (message !== null) throw refusal('request.invalid', 'nothing was stored', [{ path: 'url', message }]);
  }
}
