import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { DeviceListsController } from './device-lists.controller.ts';
import { DeviceListsRepository } from './device-lists.repository.ts';
import { DeviceListsService } from './device-lists.service.ts';

const lists = ({ database, ids }: ApiPorts) => new DeviceListsService(new DeviceListsRepository(database, ids));

@Module({
  controllers: [DeviceListsController],
  providers: [{ provide: DeviceListsService, useFactory: lists, inject: [API_PORTS] }],
})
export class TargetingModule {}
