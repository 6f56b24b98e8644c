import type { Device, DeviceDetail, DeviceQuery, EditTags, Page, TagsEdited, UpdateDevice } from '@towline/protocol/http';
import type { Caller } from '../operators/authorise.ts';
import { found, notFound, refusal } from '../platform/refusal.ts';
import { deviceCondition } from './device-filter.ts';
import type { DeviceListRepository } from './device-list.repository.ts';
import type { DevicesRepository } from './devices.repository.ts';

/** Devices edited in one transaction. */
const editChunk = 1000;

export class DevicesService {
  readonly #devices: DevicesRepository;
  readonly #lists: DeviceListRepository;

  constructor(devices: DevicesRepository, lists: DeviceListRepository) {
    this.#devices = devices;
    this.#lists = lists;
  }

  list(caller: Caller, { filter, ...page }: DeviceQuery): Promise<Page<Device>> {
    return this.#lists.list(caller.tenant, (beyond) => deviceCondition(filter, beyond), page);
  }

  async get(caller: Caller, id: string): Promise<DeviceDetail> {
    return found(await this.#devices.get(caller.tenant, id), 'device');
  }

  async update(caller: Caller, id: string, change: UpdateDevice): Promise<DeviceDetail> {
    if (typeof change.site === 'string' && !(await this.#devices.siteExists(caller.tenant, change.site))) {
      throw refusal('request.invalid', 'nothing was changed', [{ path: 'site', message: 'no such site' }]);
    }
    return found(await this.#devices.update(caller, id, change), 'device');
  }

  async remove(caller: Caller, id: string): Promise<void> {
    if (!(await this.#devices.remove(caller, id))) throw notFound('device');
  }

  async revokeCredential(caller: Caller, id: string): Promise<void> {
    if (!(await this.#devices.revokeCredential(caller, id))) throw notFound('device');
  }

  /** In chunks: a repeated call finishes what one that was cut short left over. */
  async editTags(caller: Caller, edit: EditTags): Promise<TagsEdited> {
    if (edit.devices) {
      const known = await this.#devices.knownIds(caller.tenant, edit.devices);
      const unknown = edit.devices.filter((id) => !known.includes(id));
      return { changed: await this.#devices.editTags(caller, known, edit), unknown };
    }
    const condition = deviceCondition(edit.filter);
    let changed = 0;
    for (let after: string | undefined = ''; after !== undefined; ) {
      const ids: string[] = await this.#devices.matchingIds(caller.tenant, { condition, after, limit: editChunk });
      changed += ids.length > 0 ? await this.#devices.editTags(caller, ids, edit) : 0;
      after = ids.length === editChunk ? ids.at(-1) : undefined;
    }
    return { changed, unknown: [] };
  }
}
