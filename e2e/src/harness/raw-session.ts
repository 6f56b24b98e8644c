import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import type { DeviceCredential } from './enrol.ts';

/** One try to get a session, by hand: what no agent would do can be tried too. */
export interface RawSession {
  readonly client: MqttClient;
  /** Topics of what came down. */
  readonly heard: string[];
  /** Whether it ended, by whomever. */
  ended(): boolean;
  end(): Promise<void>;
}

/** Opens a session as `credential` says, or otherwise where `over` says so. Null: the broker refused it. */
export function openSession(credential: DeviceCredential, over: IClientOptions = {}): Promise<RawSession | null> {
  const { device, secret, mqttUrl } = credential;
  const client = connect(mqttUrl, {
    protocolVersion: 4,
    clientId: device,
    username: device,
    password: secret,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: 5_000,
    ...over,
  });
  const heard: string[] = [];
  let ended = false;
  client.on('error', () => undefined);
  client.on('message', (topic) => heard.push(topic));
  return new Promise((resolve) => {
    client.once('close', () => {
      ended = true;
      resolve(null);
    });
    client.once('connect', () => resolve({ client, heard, ended: () => ended, end: () => client.endAsync(true) }));
  });
}
