import { Fault } from '@towline/kit';
import { endChild, nextMessage, startChild } from '../child.ts';
import { rounded } from '../figures.ts';
import { cpuSnapshot, cpuTimeEach } from '../ingest/cpu-time.ts';
import { forgetTargets, type Ground } from './bench-ground.ts';
import { type FleetOrder, fleetWordSchema } from './fleet-order.ts';

/** A third of a megabyte an agent; a young generation in which more than one change of each fits, so that no change is copied. */
const heap = ['--max-old-space-size=6144', '--max-semi-space-size=256'];
/** As many threads beside the main one as there is room for: the four of the default would share two cores with everybody else. */
const threads = '--v8-pool-size=0';

/** Gateways that have greeted the control plane. */
export interface GatewayFleet {
  /** What it saw since it was asked last. @throws Fault `bench.not-once` unless each of its devices had one new target and applied it */
  changes(): Promise<{ readonly mostChanging: number; readonly copies: number }>;
  /** Processor time used so far, milliseconds. */
  cpuMs(): number;
  end(): Promise<void>;
}

/** Brings up these devices in so many processes. */
export async function raiseGateways(
  ground: Ground,
  { kind, devices, processes }: { kind: FleetOrder['kind']; devices: readonly string[]; processes: number },
): Promise<GatewayFleet> {
  const { place, controlPlane, say } = ground;
  await forgetTargets(ground);
  const children = Array.from({ length: processes }, () => startChild('./fleet.js', import.meta.url, [...heap, threads]));
  for (const child of children) place.atEnd(() => endChild(child));
  const from = performance.now();
  for (const [index, child] of children.entries()) {
    const own = devices.filter((_, place) => place % processes === index);
    child.send({ kind, port: controlPlane.mqttPort, devices: own } satisfies FleetOrder);
  }
  await Promise.all(children.map((child) => nextMessage(child, fleetWordSchema)));
  const cpuMs = () => {
    const used = children.map(({ pid = 0 }) => cpuTimeEach([], cpuSnapshot(pid), 1).node);
    return used.reduce((sum, us) => sum + us, 0) / 1000;
  };
  const seconds = (performance.now() - from) / 1000;
  say(
    `${devices.length} gateways (${kind}) are up, in ${rounded(seconds, 1)} s; ${rounded(cpuMs() / devices.length)} ms of processor time each`,
  );
  return {
    cpuMs,
    async changes() {
      for (const child of children) child.send('counts');
      const words = await Promise.all(children.map((child) => nextMessage(child, fleetWordSchema)));
      const counts = words.flatMap((word) => (word.kind === 'counts' ? [word] : []));
      const sum = (of: (word: (typeof counts)[number]) => number) => counts.reduce((total, word) => total + of(word), 0);
      const [targets, applied] = [sum((word) => word.targets), sum((word) => word.applied)];
      if (targets !== devices.length || applied !== devices.length)
        throw new Fault('bench.not-once', `${devices.length} gateways had ${targets} targets and applied ${applied}`);
      return { mostChanging: sum((word) => word.mostChanging), copies: sum((word) => word.copies) };
    },
    async end() {
      await Promise.all(children.map(endChild));
    },
  };
}
