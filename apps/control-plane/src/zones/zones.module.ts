import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { ZonesController } from './zones.controller.ts';
import { ZonesRepository } from './zones.repository.ts';
import { ZonesService } from './zones.service.ts';

@Module({
  controllers: [ZonesController],
  providers: [
    {
      provide: ZonesService,
      useFactory: ({ database }: ApiPorts) => new ZonesService(new ZonesRepository(database)),
      inject: [API_PORTS],
    },
  ],
})
export class ZonesModule {}
