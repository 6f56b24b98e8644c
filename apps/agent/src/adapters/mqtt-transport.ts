import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Fault, faultCode } from '@towline/kit';
import { type IClientOptions, MqttClient } from 'mqtt';
import type { BearerPath, Session, SessionRequest, Transport } from '../runtime/ports.ts';
import { pinnedOptions } from './network/pinned-socket.ts';

const goodbyeMs = 2_000;

function openSocket(url: URL, path: BearerPath | undefined) {
  const pinned = pinnedOptions(path);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol === 'mqtts:') {
    // A name is checked against the certificate; an address has none to announce (RFC 6066 clause 3).
    return connectTls({ host, port: Number(url.port || 8883), ...pinned, ...(isIP(host) === 0 ? { servername: host } : {}) });
  }
  return connectTcp({ host, port: Number(url.port || 1883), ...pinned });
}

function optionsOf({ clientId, username, password, keepaliveS, timeoutMs, will }: SessionRequest): IClientOptions {
  return {
    protocolVersion: 4,
    clientId,
    username,
    password,
    clean: true,
    keepalive: keepaliveS,
    connectTimeout: timeoutMs,
    // The agent reconnects by itself, with its own backoff and a new will.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // Node's own timers; and no table of 65,536 ready-made packet numbers.
    timerVariant: 'native',
    writeCache: false,
    ...(will ? { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: false } } : {}),
  };
}

function sessionOver(client: MqttClient): Session {
  const closedFault = (cause: unknown) => new Fault('link.closed', 'the session has ended', { cause });
  let lastCode = 'closed';
  let isOver = false;
  client.on('error', (error) => {
    lastCode = faultCode(error);
  });
  // The client would keep what was on its way for a reconnect that never comes: it is settled here.
  const pending = new Set<(fault: Fault) => void>();
  client.once('close', () => {
    isOver = true;
    client.end(true);
    for (const refuse of pending) refuse(closedFault(lastCode));
    pending.clear();
  });
  return {
    publish: (topic, payload) =>
      new Promise((resolve, reject) => {
        if (!client.connected) return reject(closedFault(lastCode));
        pending.add(reject);
        client.publish(topic, payload, { qos: 1 }, (cause) => {
          pending.delete(reject);
          if (cause) reject(closedFault(cause));
          else resolve();
        });
      }),
    async subscribe(filter) {
      try {
        await client.subscribeAsync(filter, { qos: 1 });
      } catch (cause) {
        throw closedFault(cause);
      }
    },
    onMessage(listen) {
      const hear = (topic: string, payload: Buffer) => listen(topic, payload.toString('utf8'));
      client.on('message', hear);
      return () => void client.off('message', hear);
    },
    onHeard(listen) {
      client.on('packetreceive', listen);
      return () => void client.off('packetreceive', listen);
    },
    onClose(listen) {
      const hear = () => listen(lastCode);
      client.once('close', hear);
      return () => void client.off('close', hear);
    },
    close: async () => (isOver ? undefined : ended(client)),
  };
}

/** Ends orderly, or by force when the broker takes no part in it: an orderly end waits for every PUBACK. */
function ended(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => client.stream.destroy(), goodbyeMs);
    client.once('close', () => {
      clearTimeout(force);
      resolve();
    });
    if (client.connected) client.end();
    else client.stream.destroy();
  });
}

/** Sessions by MQTT 3.1.1 over TCP (`mqtt:`) or TLS (`mqtts:`, certificate checked). */
export const mqttTransport: Transport = {
  connect(request) {
    const url = new URL(request.url);
    const client = new MqttClient(() => openSocket(url, request.path), optionsOf(request));
    return new Promise((resolve, reject) => {
      let code = 'link.unreachable';
      let cause: unknown;
      const fail = (error: unknown) => {
        cause ??= error;
        // Return codes 4 and 5 of CONNACK: the broker knows this device and does not want it (MQTT 3.1.1 table 3.1).
        if (typeof error === 'object' && error !== null && 'code' in error && (error.code === 4 || error.code === 5)) code = 'link.refused';
      };
      const abandon = () => void client.end(true);
      const over = () => {
        request.signal?.removeEventListener('abort', abandon);
        client.end(true);
        reject(new Fault(code, `no session with ${url.host}: ${faultCode(cause)}`, { cause }));
      };
      client.on('error', fail);
      client.once('close', over);
      if (request.signal?.aborted) abandon();
      request.signal?.addEventListener('abort', abandon);
      client.once('connect', () => {
        request.signal?.removeEventListener('abort', abandon);
        client.off('close', over);
        client.off('error', fail);
        resolve(sessionOver(client));
      });
    });
  },
};
