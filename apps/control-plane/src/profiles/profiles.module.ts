import { Module } from '@nestjs/common';
import { API_PORTS, type ApiPorts } from '../platform/http/api-ports.ts';
import { ProfilesController } from './profiles.controller.ts';
import { ProfilesRepository } from './profiles.repository.ts';

const profiles = ({ database, ids, sealer }: ApiPorts) => new ProfilesRepository(database, ids, sealer);

@Module({
  controllers: [ProfilesController],
  providers: [{ provide: ProfilesRepository, useFactory: profiles, inject: [API_PORTS] }],
})
export class ProfilesModule {}
