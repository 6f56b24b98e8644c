import { createHash } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import {
  canonicalJson,
  channels,
  downTopic,
  isReportChannel,
  parseUpTopic,
  type StateReport,
  type TargetDocument,
  upTopic,
} from '@towline/protocol';
import { Aedes } from 'aedes';

const address = { tenant: 'acme', device: '0123456789' };

/** A real broker and an enrolment endpoint on 127.0.0.1, with just enough control plane behind them for one device. */
export interface BrokerControlPlane {
  readonly url: string;
  states(): readonly StateReport[];
  close(): Promise<void>;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return typeof bound === 'object' && bound ? bound.port : 0;
}

export async function brokerControlPlane(document: TargetDocument): Promise<BrokerControlPlane> {
  const aedes = await Aedes.createBroker();
  const states: StateReport[] = [];
  const target = { version: { epoch: 1, number: 1 }, digest: createHash('sha256').update(canonicalJson(document)).digest('hex'), document };
  const push = (channel: 'target' | 'ack' | 'confirm', message: object) =>
    aedes.publish(
      { cmd: 'publish', topic: downTopic(address, channel), payload: JSON.stringify(message), qos: 0, retain: false, dup: false },
      () => {},
    );
  aedes.on('publish', ({ topic, payload }) => {
    const channel = parseUpTopic(topic)?.channel;
    if (!channel) return;
    const message: unknown = JSON.parse(payload.toString());
    if (channel === 'hello') {
      const hello = channels.up.hello.schema.parse(message);
      push('ack', { epoch: hello.stream.epoch, through: 0, nonce: hello.nonce });
      return push('target', target);
    }
    if (channel === 'announce') {
      const { transaction, nonce, digest } = channels.up.announce.schema.parse(message);
      return push('confirm', { transaction, nonce, digest });
    }
    if (!isReportChannel(channel)) return;
    const { epoch, sequence } = channels.up[channel].schema.parse(message);
    if (topic === upTopic(address, 'state')) states.push(channels.up.state.schema.parse(message));
    push('ack', { epoch, through: sequence });
  });
  const broker = createServer((socket) => void aedes.handle(socket));
  const mqttPort = await listen(broker);
  const http = createHttpServer((incoming, response) => {
    incoming.resume();
    incoming.on('end', () =>
      response
        .writeHead(201, { 'content-type': 'application/json' })
        .end(JSON.stringify({ ...address, mqttUrl: `mqtt://127.0.0.1:${mqttPort}` })),
    );
  });
  const httpPort = await listen(http);
  return {
    url: `http://127.0.0.1:${httpPort}`,
    states: () => states,
    async close() {
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      http.closeAllConnections();
      await Promise.all([broker, http].map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
    },
  };
}
