import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { deviceIdSchema } from '@towline/protocol';
import {
  type DeviceQuery,
  deviceDetailSchema,
  devicePageSchema,
  deviceQuerySchema,
  type EditTags,
  editTagsSchema,
  type SetZone,
  setZoneSchema,
  tagsEditedSchema,
  type UpdateDevice,
  updateDeviceSchema,
} from '@towline/protocol/http';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { DevicesService } from './devices.service.ts';
import { filterHelp } from './filter/filter-help.ts';

@ApiTags('devices')
@Controller('v1/devices')
export class DevicesController {
  constructor(private readonly devices: DevicesService) {}

  @Get()
  @Endpoint({
    summary: 'Devices, filtered and sorted',
    description: filterHelp,
    access: 'fleet.read',
    returns: devicePageSchema,
    errors: ['filter.invalid', 'cursor.invalid'],
  })
  list(@Caller() caller: Caller, @Query({ schema: deviceQuerySchema }) query: DeviceQuery) {
    return this.devices.list(caller, query);
  }

  @Post('tags')
  @HttpCode(200)
  @Endpoint({
    summary: 'Add and remove tags on many devices; no link moves before an assignment',
    description:
      'By filter it works in short transactions for some seconds: while `next` of the answer is not null, send the same with it as `cursor`. ' +
      'Sent again after a failure, it finishes what was left over.',
    access: 'fleet.write',
    returns: tagsEditedSchema,
    errors: ['filter.invalid', 'cursor.invalid'],
  })
  editTags(@Caller() caller: Caller, @Body({ schema: editTagsSchema }) body: EditTags) {
    return this.devices.editTags(caller, body);
  }

  @Post('zone')
  @HttpCode(200)
  @Endpoint({
    summary: 'Set or take away the time zone of many devices; works as tags do',
    access: 'fleet.write',
    returns: tagsEditedSchema,
    errors: ['filter.invalid', 'cursor.invalid'],
  })
  setZone(@Caller() caller: Caller, @Body({ schema: setZoneSchema }) body: SetZone) {
    return this.devices.setZone(caller, body);
  }

  @Get(':id')
  @Endpoint({
    summary: 'One device: inventory, what it reported, its target and where the two differ',
    access: 'fleet.read',
    returns: deviceDetailSchema,
    errors: ['resource.not-found'],
  })
  get(@Caller() caller: Caller, @Param('id', { schema: deviceIdSchema }) id: string) {
    return this.devices.get(caller, id);
  }

  @Patch(':id')
  @Endpoint({
    summary: 'Change name, tags, site or time zone; no link moves',
    access: 'fleet.write',
    returns: deviceDetailSchema,
    errors: ['resource.not-found'],
  })
  update(
    @Caller() caller: Caller,
    @Param('id', { schema: deviceIdSchema }) id: string,
    @Body({ schema: updateDeviceSchema }) body: UpdateDevice,
  ) {
    return this.devices.update(caller, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @Endpoint({ summary: 'Forget a device; its credential is refused from now on', access: 'fleet.write', errors: ['resource.not-found'] })
  remove(@Caller() caller: Caller, @Param('id', { schema: deviceIdSchema }) id: string) {
    return this.devices.remove(caller, id);
  }

  @Delete(':id/credential')
  @HttpCode(204)
  @Endpoint({ summary: 'Revoke the credential of a device; it stays listed', access: 'fleet.write', errors: ['resource.not-found'] })
  revokeCredential(@Caller() caller: Caller, @Param('id', { schema: deviceIdSchema }) id: string) {
    return this.devices.revokeCredential(caller, id);
  }
}
