import {
  channels,
  type DeviceAddress,
  downFilter,
  downTopic,
  isChangeChannel,
  maxPayloadBytes,
  type UpChannel,
  upTopic,
} from '@towline/protocol';
import type { RefusalCode } from '../broker.ts';

/** Who a session is, by its proven account. */
export interface SessionIdentity extends DeviceAddress {
  /** The session of the device's changes: announce and confirm, and nothing else. */
  readonly ofChange: boolean;
}

export interface AskedPublish {
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly payloadBytes: number;
}

const isUpChannel = (name: string): name is UpChannel => Object.hasOwn(channels.up, name);

/** By comparing with what it must be, not by taking apart what came: this is asked for every message. */
function ownUpChannel(session: SessionIdentity, topic: string): UpChannel | null {
  const name = topic.slice(topic.lastIndexOf('/') + 1);
  if (!isUpChannel(name) || isChangeChannel(name) !== session.ofChange) return null;
  return topic === upTopic(session, name) ? name : null;
}

/** What a session's publish is: a channel of its own, or why it may not be. */
export function judgePublish(session: SessionIdentity, asked: AskedPublish): UpChannel | RefusalCode {
  const channel = ownUpChannel(session, asked.topic);
  if (!channel) return 'device.publish-foreign';
  if (asked.retain) return 'device.publish-retained';
  if (asked.qos > 1) return 'device.publish-qos';
  return asked.payloadBytes > maxPayloadBytes ? 'device.publish-too-large' : channel;
}

/** The last will may only tell of the device's own presence; the session of changes tells nothing of it. */
export function isOwnWill(session: SessionIdentity, will: AskedPublish): boolean {
  return judgePublish(session, will) === 'presence' && will.topic === upTopic(session, 'presence');
}

/** Below its own `down/` a device may subscribe as it likes, on the session of changes to the confirm, and nowhere else. */
export function maySubscribe(session: SessionIdentity, filter: string): boolean {
  if (session.ofChange) return filter === downTopic(session, 'confirm');
  const own = downFilter(session);
  return (
    filter === own ||
    filter === own.replace(/\+$/, '#') ||
    (['target', 'job', 'ack'] as const).some((name) => filter === downTopic(session, name))
  );
}
