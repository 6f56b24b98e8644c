import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { DeviceListRepository } from './device-list.repository.ts';
import { DevicesController } from './devices.controller.ts';
import { DevicesRepository } from './devices.repository.ts';
import { DevicesService } from './devices.service.ts';

const devices = ({ database, clock }: ApiPorts) =>
  new DevicesService(new DevicesRepository(database), new DeviceListRepository(database), clock);

@Module({
  controllers: [DevicesController],
  providers: [{ provide: DevicesService, useFactory: devices, inject: [API_PORTS] }],
})
export class DevicesModule {}
