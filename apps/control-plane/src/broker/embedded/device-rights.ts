import { channels, type DeviceAddress, downFilter, downTopic, maxPayloadBytes, type UpChannel, upTopic } from '@towline/protocol';
import type { RefusalCode } from '../broker.ts';

export interface AskedPublish {
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly payloadBytes: number;
}

const isUpChannel = (name: string): name is UpChannel => Object.hasOwn(channels.up, name);

/** By comparing with what it must be, not by taking apart what came: this is asked for every message. */
function ownUpChannel(device: DeviceAddress, topic: string): UpChannel | null {
  const name = topic.slice(topic.lastIndexOf('/') + 1);
  return isUpChannel(name) && topic === upTopic(device, name) ? name : null;
}

/** What a device's publish is: a channel of its own, or why it may not be. */
export function judgePublish(device: DeviceAddress, asked: AskedPublish): UpChannel | RefusalCode {
  const channel = ownUpChannel(device, asked.topic);
  if (!channel) return 'device.publish-foreign';
  if (asked.retain) return 'device.publish-retained';
  if (asked.qos > 1) return 'device.publish-qos';
  return asked.payloadBytes > maxPayloadBytes ? 'device.publish-too-large' : channel;
}

/** The last will may only tell of the device's own presence. */
export function isOwnWill(device: DeviceAddress, will: AskedPublish): boolean {
  return judgePublish(device, will) === 'presence' && will.topic === upTopic(device, 'presence');
}

/** Below its own `down/` a device may subscribe as it likes, and nowhere else. */
export function maySubscribe(device: DeviceAddress, filter: string): boolean {
  const own = downFilter(device);
  return (
    filter === own ||
    filter === own.replace(/\+$/, '#') ||
    (['target', 'job', 'ack', 'confirm'] as const).some((name) => filter === downTopic(device, name))
  );
}

const clientIdPattern = /^([0-9abcdefghjkmnpqrstvwxyz]{10})(?:~[0-9a-z-]{1,40})?$/;

/** The device that a client id speaks of: `<device>`, or `<device>~<transaction>` for a session of one change. */
export function deviceOfClientId(clientId: string): string | null {
  return clientIdPattern.exec(clientId)?.[1] ?? null;
}
