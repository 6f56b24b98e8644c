import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { TelemetryController } from './telemetry.controller.ts';
import { TelemetryRepository } from './telemetry.repository.ts';
import { TelemetryService } from './telemetry.service.ts';

const telemetry = ({ database, clock }: ApiPorts) => new TelemetryService(new TelemetryRepository(database), clock);

@Module({
  controllers: [TelemetryController],
  providers: [{ provide: TelemetryService, useFactory: telemetry, inject: [API_PORTS] }],
})
export class TelemetryModule {}
