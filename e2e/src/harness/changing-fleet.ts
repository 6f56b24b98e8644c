import { waitUntil } from '@towline/demo';
import { findViolations, type Violation } from '../history/find-violations.ts';
import type { DeviceChange } from '../history/rollout-history.ts';
import { ChangingDevice } from './changing-device.ts';
import { enrol } from './enrol.ts';
import { storedRows } from './stored-rows.ts';
import type { World } from './world.ts';

const enrolAtOnce = 8;

export interface ChangingFleetOptions {
  readonly count: number;
  readonly sites: number;
  /** Where devices connect; without it where they were told to. */
  readonly mqttUrl?: string;
}

/** Many devices at a few sites that change as they are told and report all the while. */
export class ChangingFleet {
  readonly devices: readonly ChangingDevice[];
  readonly #world: World;
  readonly #sites: number;

  private constructor(world: World, devices: readonly ChangingDevice[], sites: number) {
    this.#world = world;
    this.devices = devices;
    this.#sites = sites;
  }

  /** Enrolled, at their sites, and heard. */
  static async raise(world: World, { count, sites, mqttUrl }: ChangingFleetOptions): Promise<ChangingFleet> {
    const claimToken = await world.claimToken(count);
    const devices: ChangingDevice[] = [];
    for (let start = 0; start < count; start += enrolAtOnce) {
      const serials = Array.from({ length: Math.min(enrolAtOnce, count - start) }, (_, index) => `CHANGING-${start + index}`);
      const credentials = await Promise.all(serials.map((boardSerial) => enrol(world.httpUrl, { claimToken, boardSerial })));
      devices.push(...credentials.map((credential) => new ChangingDevice(mqttUrl ? { ...credential, mqttUrl } : credential)));
    }
    const fleet = new ChangingFleet(world, devices, sites);
    await fleet.#settle();
    for (const { light } of devices) light.start();
    await waitUntil('every device to be heard', () => (devices.every(({ light }) => light.acknowledgedThrough > 0) ? true : null));
    return fleet;
  }

  get ids(): string[] {
    return this.devices.map(({ light }) => light.id);
  }

  get changes(): DeviceChange[] {
    return this.devices.flatMap(({ changes }) => changes);
  }

  siteOf(device: string): string {
    return `site ${this.ids.indexOf(device) % this.#sites}`;
  }

  async untilAtRest(): Promise<void> {
    await waitUntil('every device to come to rest', () => (this.devices.every(({ isAtRest }) => isAtRest) ? true : null));
  }

  /** Lets every device send what it holds until all of it is acknowledged, then judges all their reports. */
  async finishReports(): Promise<Violation[]> {
    for (const { light } of this.devices) light.stopProducing();
    await waitUntil('everything that is still held to be acknowledged', () =>
      this.devices.every(({ light }) => light.holding === 0) ? true : null,
    );
    const client = await this.#world.connect();
    try {
      const history = { sent: this.devices.flatMap(({ light }) => light.sent), acks: this.devices.flatMap(({ light }) => light.acks) };
      return findViolations(history, await storedRows(client, this.ids));
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.devices.map((device) => device.stop()));
  }

  async #settle(): Promise<void> {
    const sites = this.ids.map((id) => this.siteOf(id));
    await this.#world.query(
      `insert into site (tenant_id, id, name) select 'main', gen_random_uuid(), name from unnest($1::text[]) as w (name)`,
      [[...new Set(sites)]],
    );
    await this.#world.query(
      `update device d set site_id = s.id from unnest($1::text[], $2::text[]) as w (device, name) join site s using (name) where d.id = w.device`,
      [this.ids, sites],
    );
  }
}
