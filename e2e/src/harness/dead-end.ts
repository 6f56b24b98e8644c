import type { Session, Transport } from '@towline/agent';
import { mqttTransport } from '@towline/agent/node';
import { Fault } from '@towline/kit';
import type { SimulatedGateway } from '@towline/simulator';
import { bearersOf } from './tapped-fleet.ts';

/** As an operator does it: the bearer stands, packets go in and nothing comes out. Who sent them hears no refusal either. */
const nothing = () => new Promise<never>(() => undefined);

function sessionOver(session: Session, isDead: () => boolean): Session {
  return {
    publish: (topic, payload) => (isDead() ? nothing() : session.publish(topic, payload)),
    subscribe: (filter) => (isDead() ? nothing() : session.subscribe(filter)),
    onMessage: (listen) => session.onMessage((topic, payload) => (isDead() ? undefined : listen(topic, payload))),
    onHeard: (listen) => session.onHeard(() => (isDead() ? undefined : listen())),
    onClose: (listen) => session.onClose(listen),
    close: () => session.close(),
  };
}

/** How a gateway meets its broker where this access point takes whoever asks, and leads nowhere. */
export function deadEndTransport(gateway: SimulatedGateway, accessPoint: string): Transport {
  const isDead = () => bearersOf(gateway).some((bearer) => bearer.includes(` ${accessPoint}`));
  return {
    async connect(request) {
      if (isDead()) throw new Fault('link.unreachable', `${accessPoint} leads nowhere`);
      return sessionOver(await mqttTransport.connect(request), isDead);
    },
  };
}
