import { Controller, Get, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { livenessSchema, readinessSchema } from '@towline/protocol/http';
import { Endpoint } from '../platform/http/endpoint.ts';
import type { HttpReply } from '../platform/http/exchange.ts';
import { HealthService } from './health.service.ts';
import { MetricsText } from './metrics-text.ts';

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly metrics: MetricsText,
  ) {}

  @Get('health/live')
  @Endpoint({ summary: 'The process runs', access: 'public', returns: livenessSchema })
  live() {
    return { status: 'up' };
  }

  @Get('health/ready')
  @Endpoint({
    summary: 'The process can serve; 503 with the failed checks when not',
    access: 'public',
    returns: readinessSchema,
    errors: ['unavailable'],
  })
  async ready(@Res({ passthrough: true }) reply: HttpReply) {
    const readiness = await this.health.readiness();
    reply.status(readiness.status === 'up' ? 200 : 503);
    return readiness;
  }

  @Get('metrics')
  @Endpoint({ summary: 'Prometheus metrics of this process', access: 'public' })
  async read(@Res() reply: HttpReply) {
    const text = await this.metrics.read();
    reply.status(200).header('content-type', this.metrics.contentType).send(text);
  }
}
