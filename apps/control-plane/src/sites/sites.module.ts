import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { GroupsController } from './groups.controller.ts';
import { GroupsRepository } from './groups.repository.ts';
import { SitesController } from './sites.controller.ts';
import { SitesRepository } from './sites.repository.ts';

@Module({
  controllers: [SitesController, GroupsController],
  providers: [
    { provide: SitesRepository, useFactory: ({ database, ids }: ApiPorts) => new SitesRepository(database, ids), inject: [API_PORTS] },
    { provide: GroupsRepository, useFactory: ({ database, ids }: ApiPorts) => new GroupsRepository(database, ids), inject: [API_PORTS] },
  ],
})
export class SitesModule {}
