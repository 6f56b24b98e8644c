import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { FleetController } from './fleet.controller.ts';
import { FleetRepository } from './fleet.repository.ts';
import { FleetService } from './fleet.service.ts';

const fleet = ({ database, clock }: ApiPorts) => new FleetService(new FleetRepository(database), clock);

@Module({
  controllers: [FleetController],
  providers: [{ provide: FleetService, useFactory: fleet, inject: [API_PORTS] }],
})
export class FleetModule {}
