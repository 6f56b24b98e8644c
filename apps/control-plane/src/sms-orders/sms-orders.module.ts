import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { SmsOrdersController } from './sms-orders.controller.ts';
import { SmsOrdersRepository } from './sms-orders.repository.ts';
import { SmsOrdersService } from './sms-orders.service.ts';

const orders = ({ database }: ApiPorts) => new SmsOrdersService(new SmsOrdersRepository(database));

@Module({
  controllers: [SmsOrdersController],
  providers: [{ provide: SmsOrdersService, useFactory: orders, inject: [API_PORTS] }],
})
export class SmsOrdersModule {}
