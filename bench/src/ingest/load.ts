/**
 * The fleet of the ingest benchmark, a process of its own: raw sockets, so that it costs little beside what it measures.
 * Every device keeps a window of reports on their way and sends the next one when one is answered.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { rounded } from '../figures.ts';
import { latencySummary } from '../latency.ts';
import { LoadDevice } from './load-device.ts';
import { type LoadOrder, type LoadResult, loadOrderSchema } from './load-order.ts';

async function load(order: LoadOrder): Promise<LoadResult> {
  const durations: number[] = [];
  let measuring = false;
  let answered = 0;
  const answer = (tookMs: number) => {
    answered += 1;
    if (measuring) durations.push(tookMs);
  };
  const devices = order.devices.map((member) => new LoadDevice(member, order, answer));
  await Promise.all(devices.map((device) => device.connect()));
  for (const device of devices) device.fillWindow();
  await delay(order.warmUpMs);
  measuring = true;
  const from = performance.now();
  await delay(order.measureMs);
  measuring = false;
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage();
  const loadCpuUs = rounded((user + system) / answered, 1);
  const result = { perSecond: durations.length / seconds, ...latencySummary(durations), answered, loadCpuUs };
  for (const device of devices) device.end();
  return result;
}

const [message] = await once(process, 'message');
const result = await load(loadOrderSchema.parse(message));
process.send?.(result, () => process.exit(0));
