/** Gateways of the rollout benchmark, a process of their own: real MQTT over raw sockets, so that they cost little beside what is measured. */
import { once } from 'node:events';
import { waitUntil } from '@towline/demo';
import { agentGateway } from './agent-gateway.ts';
import { watchChanges } from './change-watch.ts';
import { type FleetOrder, type FleetWord, fleetOrderSchema } from './fleet-order.ts';
import { rawTransport } from './raw-transport.ts';
import { ScriptedGateway } from './scripted-gateway.ts';

/** As many come up at once; a whole fleet at the same moment is another benchmark. */
const atOnce = 100;
const patienceMs = 60_000;

const none = { targets: 0, copies: 0, applied: 0, mostChanging: 0 };
let counts = none;
let welcomed = 0;
const transport = () =>
  watchChanges(rawTransport, {
    welcomed() {
      welcomed += 1;
    },
    target() {
      const targets = counts.targets + 1;
      counts = { ...counts, targets, mostChanging: Math.max(counts.mostChanging, targets - counts.applied) };
    },
    copy() {
      counts = { ...counts, copies: counts.copies + 1 };
    },
    applied() {
      counts = { ...counts, applied: counts.applied + 1 };
    },
  });

const tell = (word: FleetWord) => process.send?.(word);

interface Gateway {
  start(): Promise<void>;
  isUp(): boolean;
}

function gatewayOf(device: string, place: number, { kind, port }: FleetOrder): Gateway {
  const url = `mqtt://127.0.0.1:${port}`;
  if (kind === 'scripted') {
    const gateway = new ScriptedGateway(device, url, transport());
    return { start: () => gateway.start(), isUp: () => true };
  }
  const agent = agentGateway(device, place, { url, transport: transport() });
  return { start: () => agent.start(), isUp: () => agent.views().some(({ decision }) => decision.connection === 'verified') };
}

async function begin(order: FleetOrder): Promise<void> {
  const { devices } = order;
  for (let start = 0; start < devices.length; start += atOnce) {
    const some = devices.slice(start, start + atOnce).map((device, index) => gatewayOf(device, start + index, order));
    await Promise.all(some.map((gateway) => gateway.start()));
    const areUp = async () => (welcomed >= start + some.length && some.every((gateway) => gateway.isUp()) ? true : null);
    await waitUntil('gateways to come up', areUp, { timeoutMs: patienceMs, everyMs: 20 });
  }
  tell({ kind: 'ready' });
}

const [message] = await once(process, 'message');
process.on('message', () => {
  tell({ kind: 'counts', ...counts });
  counts = none;
});
await begin(fleetOrderSchema.parse(message));
