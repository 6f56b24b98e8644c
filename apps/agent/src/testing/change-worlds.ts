import { fakeHost } from './fake-host.ts';
import { ec200aEcm } from './usb-trees.ts';
import { createWorld, documentOf, fakeBus, rule, type World, type WorldOptions } from './world.ts';

export const minutes = (count: number): number => count * 60_000;
export const lastState = ({ controlPlane }: World) => controlPlane.states().at(-1);
export const eventsOf = ({ controlPlane }: World) => controlPlane.events().flatMap(({ events }) => events);
export const codesOf = (world: World): string[] => eventsOf(world).map(({ code }) => code);
export const announcesOf = ({ controlPlane }: World): number =>
  controlPlane.received.filter(({ channel }) => channel === 'announce').length;
export const changeSessionsOf = ({ controlPlane }: World) => controlPlane.sessions.filter(({ clientId }) => clientId.includes('~'));
export const stepsOf = ({ logged }: World): string[] => logged.flatMap(({ fields }) => ('step' in fields ? [String(fields.step)] : []));

/** A gateway that gives its host no network, whose `fleet.south` was confirmed. */
export async function settledWorld(options: WorldOptions = {}): Promise<World> {
  const world = createWorld(options);
  world.controlPlane.assign(documentOf(rule('fleet.south')), 1);
  await world.agent.start();
  await world.clock.advance(minutes(4));
  return world;
}

/** The same with a modem whose bearer is a network of the host, so that sessions are bound to it. */
export async function settledOnHost(config: WorldOptions['config'] = {}, options: WorldOptions = {}) {
  const host = fakeHost();
  const usb = fakeBus();
  usb.plug(ec200aEcm);
  const world = createWorld({ ...options, usb, host, config: { modems: undefined, ...config } });
  world.controlPlane.assign(documentOf(rule('fleet.south')), 1);
  await world.agent.start();
  await world.clock.advance(minutes(4));
  return { world, host, usb };
}
