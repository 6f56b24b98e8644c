import { waitUntil } from '@towline/demo';
import { findViolations, type Violation } from '../history/find-violations.ts';
import type { History } from '../history/history.ts';
import { enrol } from './enrol.ts';
import { LightDevice } from './light-device.ts';
import { storedRows } from './stored-rows.ts';
import type { World } from './world.ts';

const everyMs = 100;
const keepaliveS = 2;

/** Many devices that report without pause, and the whole history of what they sent and saw acknowledged. */
export class FleetUnderLoad {
  readonly devices: readonly LightDevice[];
  readonly #world: World;

  constructor(world: World, devices: readonly LightDevice[]) {
    this.#world = world;
    this.devices = devices;
  }

  get history(): History {
    return { sent: this.devices.flatMap(({ sent }) => sent), acks: this.devices.flatMap(({ acks }) => acks) };
  }

  get disconnects(): number {
    return this.devices.reduce((sum, device) => sum + device.disconnects, 0);
  }

  /** Waits until the control plane acknowledged, to each device, reports that it made from now on. */
  async untilAcknowledgedAnew(): Promise<void> {
    const marks = this.devices.map((device) => ({ device, made: device.sent.length }));
    await waitUntil('new reports of every device to be acknowledged', () =>
      marks.every(({ device, made }) => device.acknowledgedThrough > made) ? true : null,
    );
  }

  /** Milliseconds between the first and the last reconnect of the fleet, each device's first one since `sinceMs`. */
  reconnectSpreadMs(sinceMs: number): number {
    const times = this.devices.flatMap(({ connectedAtMs }) => connectedAtMs.find((at) => at > sinceMs) ?? []);
    return Math.max(...times) - Math.min(...times);
  }

  /** Lets every device send what it holds until all of it is acknowledged, then judges the whole history. */
  async finish(): Promise<Violation[]> {
    for (const device of this.devices) device.stopProducing();
    await waitUntil('everything that is still held to be acknowledged', () =>
      this.devices.every(({ holding }) => holding === 0) ? true : null,
    );
    const client = await this.#world.connect();
    try {
      const rows = await storedRows(
        client,
        this.devices.map(({ id }) => id),
      );
      return findViolations(this.history, rows);
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.devices.map((device) => device.stop()));
  }
}

/** Enrols `count` devices and starts them; resolves when reports of each of them were acknowledged. */
export async function startFleetUnderLoad(world: World, count: number): Promise<FleetUnderLoad> {
  const claimToken = await world.claimToken(count);
  const devices: LightDevice[] = [];
  for (let index = 0; index < count; index += 1) {
    const credential = await enrol(world.httpUrl, { claimToken, boardSerial: `LIGHT-${index}` });
    devices.push(new LightDevice(credential, { everyMs, keepaliveS }));
  }
  const fleet = new FleetUnderLoad(world, devices);
  for (const device of devices) device.start();
  await fleet.untilAcknowledgedAnew();
  return fleet;
}
