/** The gateways of the rollout benchmark, a process of their own: real MQTT over raw sockets, so that they cost little beside what is measured. */
import { once } from 'node:events';
import { type FleetOrder, type FleetWord, fleetOrderSchema } from './fleet-order.ts';
import { Gateway } from './gateway.ts';

/** As many log in at once; a whole fleet at the same moment is another benchmark. */
const atOnce = 100;

const counts = { targets: 0, applied: 0, mostChanging: 0 };
const listener = {
  target() {
    counts.targets += 1;
    counts.mostChanging = Math.max(counts.mostChanging, counts.targets - counts.applied);
  },
  applied() {
    counts.applied += 1;
  },
};

const tell = (word: FleetWord) => process.send?.(word);

async function begin({ port, devices }: FleetOrder): Promise<void> {
  for (let start = 0; start < devices.length; start += atOnce) {
    await Promise.all(devices.slice(start, start + atOnce).map((id) => new Gateway(id, port, listener).connect()));
  }
  tell({ kind: 'ready' });
}

const [message] = await once(process, 'message');
process.on('message', () => tell({ kind: 'counts', ...counts }));
await begin(fleetOrderSchema.parse(message));
