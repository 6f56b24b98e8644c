import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { HealthController } from './health.controller.ts';
import { HealthService } from './health.service.ts';
import { MetricsText } from './metrics-text.ts';

@Module({
  controllers: [HealthController],
  providers: [
    { provide: HealthService, useFactory: ({ database, clock }: ApiPorts) => new HealthService(database, clock), inject: [API_PORTS] },
    { provide: MetricsText, useFactory: ({ metrics }: ApiPorts) => new MetricsText(metrics), inject: [API_PORTS] },
  ],
})
export class HealthModule {}
