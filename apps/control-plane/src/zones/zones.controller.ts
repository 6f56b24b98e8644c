import { Body, Controller, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type PreviewWindows,
  previewWindowsSchema,
  tenantSettingsSchema,
  type UpdateTenantSettings,
  updateTenantSettingsSchema,
  windowsPreviewSchema,
  zonesSchema,
} from '@towline/protocol/http';
import { Caller } from '../platform/http/access.ts';
import { Endpoint } from '../platform/http/endpoint.ts';
import { ZonesService } from './zones.service.ts';

@ApiTags('zones')
@Controller('v1')
export class ZonesController {
  constructor(private readonly zones: ZonesService) {}

  @Get('zones')
  @Endpoint({ summary: 'Time zones that are known here', access: 'fleet.read', returns: zonesSchema })
  list() {
    return this.zones.list();
  }

  @Get('settings')
  @Endpoint({ summary: 'Settings of the tenant', access: 'fleet.read', returns: tenantSettingsSchema })
  settings(@Caller() caller: Caller) {
    return this.zones.settings(caller);
  }

  @Patch('settings')
  @Endpoint({
    summary: 'Change the time zone of devices that have none, at sites that have none',
    access: 'fleet.write',
    returns: tenantSettingsSchema,
  })
  updateSettings(@Caller() caller: Caller, @Body({ schema: updateTenantSettingsSchema }) body: UpdateTenantSettings) {
    return this.zones.updateSettings(caller, body);
  }

  @Post('windows/preview')
  @HttpCode(200)
  @Endpoint({
    summary: 'When a schedule would open for a device, or in a zone',
    description: 'By the clock of the database and the time zone that counts for the device, which is told with what said so.',
    access: 'fleet.read',
    returns: windowsPreviewSchema,
    errors: ['resource.not-found'],
  })
  preview(@Caller() caller: Caller, @Body({ schema: previewWindowsSchema }) body: PreviewWindows) {
    return this.zones.preview(caller, body);
  }
}
