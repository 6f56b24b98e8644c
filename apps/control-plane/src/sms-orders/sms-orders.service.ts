import type { CreatedSmsOrder, CreateSmsOrder } from '@towline/protocol/http';
import type { Caller } from '../operators/authorise.ts';
import { notFound, refusal } from '../platform/refusal.ts';
import type { SmsOrdersRepository } from './sms-orders.repository.ts';
import { writeSmsOrder } from './write-sms-order.ts';

export class SmsOrdersService {
  readonly #orders: SmsOrdersRepository;

  constructor(orders: SmsOrdersRepository) {
    this.#orders = orders;
  }

  /** @throws Fault `resource.not-found`; `resource.conflict` for a device whose credential was revoked */
  async create(caller: Caller, device: string, { order }: CreateSmsOrder): Promise<CreatedSmsOrder> {
    const counted = await this.#orders.count(caller, device, order);
    switch (counted.outcome) {
      case 'no-device':
        throw notFound('device');
      case 'no-credential':
        throw refusal('resource.conflict', 'the credential of this device was revoked: there is no key to sign with');
      case 'counted':
        return { text: writeSmsOrder({ device, order, ...counted }), counter: counted.counter };
    }
  }
}
