import type { PreviewWindows, TenantSettings, UpdateTenantSettings, WindowsPreview } from '@towline/protocol/http';
import type { Caller } from '../operators/authorise.ts';
import { found } from '../platform/refusal.ts';
import { previewWindows } from './preview.ts';
import type { ZonesRepository } from './zones.repository.ts';

export class ZonesService {
  readonly #zones: ZonesRepository;

  constructor(zones: ZonesRepository) {
    this.#zones = zones;
  }

  /** All that this runtime knows, with the edition of its time zone database. */
  list() {
    return { zones: Intl.supportedValuesOf('timeZone'), edition: process.versions.tz ?? 'unknown' };
  }

  settings(caller: Caller): Promise<TenantSettings> {
    return this.#zones.settings(caller.tenant);
  }

  updateSettings(caller: Caller, change: UpdateTenantSettings): Promise<TenantSettings> {
    return this.#zones.updateSettings(caller, change);
  }

  async preview(caller: Caller, asked: PreviewWindows): Promise<WindowsPreview> {
    const zone =
      asked.device === undefined ? (asked.zone ?? 'UTC') : found(await this.#zones.zoneOf(caller.tenant, asked.device), 'device');
    return previewWindows(asked, zone, await this.#zones.nowMs());
  }
}
