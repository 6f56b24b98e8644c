import type { Clock } from '@towline/kit';
import type { Device, DeviceDetail, DeviceQuery, EditTags, Page, SetZone, TagsEdited, UpdateDevice } from '@towline/protocol/http';
import * as z from 'zod';
import type { Caller } from '../operators/authorise.ts';
import { decodeCursor, encodeCursor } from '../platform/cursor.ts';
import { found, notFound, refusal } from '../platform/refusal.ts';
import { deviceCondition } from './device-filter.ts';
import type { DeviceListRepository } from './device-list.repository.ts';
import type { DevicesRepository } from './devices.repository.ts';

/** Devices edited in one transaction. */
const editChunk = 1000;
/** Well below what a client waits for an answer. */
const editBudgetMs = 10_000;
const placeSchema = z.tuple([z.string()]);

export class DevicesService {
  readonly #devices: DevicesRepository;
  readonly #lists: DeviceListRepository;
  readonly #clock: Clock;

  constructor(devices: DevicesRepository, lists: DeviceListRepository, clock: Clock) {
    this.#devices = devices;
    this.#lists = lists;
    this.#clock = clock;
  }

  async list(caller: Caller, { filter, ...page }: DeviceQuery): Promise<Page<Device>> {
    const groups = await this.#devices.groupFilters(caller.tenant, filter);
    return this.#lists.list(caller.tenant, (beyond) => deviceCondition(filter, groups, beyond), page);
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

  editTags(caller: Caller, edit: EditTags): Promise<TagsEdited> {
    return this.#editMany(caller, edit, (ids) => this.#devices.editTags(caller, ids, edit));
  }

  setZone(caller: Caller, edit: SetZone): Promise<TagsEdited> {
    return this.#editMany(caller, edit, (ids) => this.#devices.setZone(caller, ids, edit.zone));
  }

  /** By filter in chunks, for a bounded time: a million devices in one transaction would hold every report up. */
  async #editMany(
    caller: Caller,
    which: Pick<EditTags, 'devices' | 'filter' | 'cursor'>,
    edit: (ids: readonly string[]) => Promise<number>,
  ): Promise<TagsEdited> {
    if (which.devices) {
      const known = await this.#devices.knownIds(caller.tenant, which.devices);
      const unknown = which.devices.filter((id) => !known.includes(id));
      return { changed: await edit(known), unknown, next: null };
    }
    const condition = deviceCondition(which.filter, await this.#devices.groupFilters(caller.tenant, which.filter));
    const endMs = this.#clock.monotonicMs() + editBudgetMs;
    let [after] = decodeCursor(placeSchema, which.cursor) ?? [''];
    let changed = 0;
    for (;;) {
      const ids = await this.#devices.matchingIds(caller.tenant, { condition, after, limit: editChunk });
      changed += ids.length > 0 ? await edit(ids) : 0;
      const last = ids.length === editChunk ? ids.at(-1) : undefined;
      if (last === undefined) return { changed, unknown: [], next: null };
      if (this.#clock.monotonicMs() >= endMs) return { changed, unknown: [], next: encodeCursor([last]) };
      after = last;
    }
  }
}
