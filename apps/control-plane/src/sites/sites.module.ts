import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { GroupsController } from './groups.controller.ts';
import { GroupsRepository } from './groups.repository.ts';
import { SiteHoldsRepository } from './site-holds.repository.ts';
import { SitesController } from './sites.controller.ts';
import { SitesRepository } from './sites.repository.ts';

@Module({
  controllers: [SitesController, GroupsController],
  providers: [
    {
      provide: SitesRepository,
      useFactory: ({ database, ids, clock }: ApiPorts) => new SitesRepository(database, ids, clock),
      inject: [API_PORTS],
    },
    { provide: SiteHoldsRepository, useFactory: ({ database }: ApiPorts) => new SiteHoldsRepository(database), inject: [API_PORTS] },
    { provide: GroupsRepository, useFactory: ({ database, ids }: ApiPorts) => new GroupsRepository(database, ids), inject: [API_PORTS] },
  ],
})
export class SitesModule {}
