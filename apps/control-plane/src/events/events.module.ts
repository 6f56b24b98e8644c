import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { EventsController } from './events.controller.ts';
import { EventsRepository } from './events.repository.ts';
import { EventsService } from './events.service.ts';

const events = ({ database, changeFeed, clock }: ApiPorts) => new EventsService(new EventsRepository(database), changeFeed, clock);

@Module({
  controllers: [EventsController],
  providers: [{ provide: EventsService, useFactory: events, inject: [API_PORTS] }],
})
export class EventsModule {}
