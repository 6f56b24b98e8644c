import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, Reflector } from '@nestjs/core';
import { AuditModule } from './audit/audit.module.ts';
import { DevicesModule } from './devices/devices.module.ts';
import { DryRunModule } from './dry-run/dry-run.module.ts';
import { EnrolmentModule } from './enrolment/enrolment.module.ts';
import { EventsModule } from './events/events.module.ts';
import { ExportsModule } from './exports/exports.module.ts';
import { FleetModule } from './fleet/fleet.module.ts';
import { HealthModule } from './health/health.module.ts';
import { JobsModule } from './jobs/jobs.module.ts';
import { OperatorsModule } from './operators/operators.module.ts';
import { OperatorsService } from './operators/operators.service.ts';
import { API_PORTS, type ApiPorts } from './platform/http/api-ports.ts';
import { AuthGuard } from './platform/http/auth.guard.ts';
import { ProblemFilter } from './platform/http/problem.filter.ts';
import { requestThrottles } from './platform/http/request-throttles.ts';
import { ValidationPipe } from './platform/http/validation.ts';
import { PoliciesModule } from './policies/policies.module.ts';
import { ProfilesModule } from './profiles/profiles.module.ts';
import { ProgressModule } from './rollouts/progress/progress.module.ts';
import { RolloutsModule } from './rollouts/rollouts.module.ts';
import { SitesModule } from './sites/sites.module.ts';
import { SmsOrdersModule } from './sms-orders/sms-orders.module.ts';
import { TargetingModule } from './targeting/targeting.module.ts';
import { TargetsModule } from './targets/targets.module.ts';
import { TelemetryModule } from './telemetry/telemetry.module.ts';
import { VariablesModule } from './variables/variables.module.ts';
import { WebhooksModule } from './webhooks/webhooks.module.ts';
import { ZonesModule } from './zones/zones.module.ts';

const features = [
  OperatorsModule,
  SitesModule,
  ZonesModule,
  DevicesModule,
  ProfilesModule,
  PoliciesModule,
  TargetsModule,
  ProgressModule,
  RolloutsModule,
  TargetingModule,
  VariablesModule,
  DryRunModule,
  ExportsModule,
  JobsModule,
  SmsOrdersModule,
  TelemetryModule,
  EnrolmentModule,
  EventsModule,
  WebhooksModule,
  FleetModule,
  AuditModule,
  HealthModule,
];

const guard = (reflector: Reflector, operators: OperatorsService, { clock, throttlePolicies }: ApiPorts) =>
  new AuthGuard(reflector, operators, requestThrottles(throttlePolicies, clock));

/** The API process: every feature module over the ports it is given. */
@Global()
@Module({})
export class AppModule {
  static over(ports: ApiPorts): DynamicModule {
    return {
      module: AppModule,
      imports: [...features],
      providers: [
        { provide: API_PORTS, useValue: ports },
        { provide: APP_FILTER, useFactory: () => new ProblemFilter(ports.log) },
        { provide: APP_PIPE, useClass: ValidationPipe },
        { provide: APP_GUARD, useFactory: guard, inject: [Reflector, OperatorsService, API_PORTS] },
      ],
      exports: [API_PORTS],
    };
  }
}
