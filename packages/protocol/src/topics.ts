import { channels, type DownChannel, isChangeChannel, type UpChannel } from './channels.ts';
import { deviceIdSchema, tenantIdSchema } from './scalars.ts';

const root = 'towline/v1';

export interface DeviceAddress {
  readonly tenant: string;
  readonly device: string;
}

const changeMark = '~change';

/**
 * User name and client id of the session that a device asks for its changes on, beside its own; the secret is the same. It is the handle in
 * that session's topics, too: so any broker that binds topics to user names keeps it to announce and confirm.
 */
export function changeAccount(device: string): string {
  return `${device}${changeMark}`;
}

/** Whose session a user name or client id means; null when it is no device's. */
export function parseAccount(name: string): { readonly device: string; readonly ofChange: boolean } | null {
  const ofChange = name.endsWith(changeMark);
  const device = ofChange ? name.slice(0, -changeMark.length) : name;
  return deviceIdSchema.safeParse(device).success ? { device, ofChange } : null;
}

const handleOf = (device: string, channel: UpChannel | DownChannel) => (isChangeChannel(channel) ? changeAccount(device) : device);

export function upTopic({ tenant, device }: DeviceAddress, channel: UpChannel): string {
  return `${root}/${tenant}/${handleOf(device, channel)}/up/${channel}`;
}

export function downTopic({ tenant, device }: DeviceAddress, channel: DownChannel): string {
  return `${root}/${tenant}/${handleOf(device, channel)}/down/${channel}`;
}

/** What a device subscribes to: all its down channels but that of its changes. */
export function downFilter({ tenant, device }: DeviceAddress): string {
  return `${root}/${tenant}/${device}/down/+`;
}

/** What ingest subscribes to at an outside broker: every device of every tenant. */
export const everyUpFilter = `${root}/+/+/up/+`;

export interface UpTopic extends DeviceAddress {
  readonly channel: UpChannel;
}

const isUpChannel = (name: string): name is UpChannel => Object.hasOwn(channels.up, name);

/** The parts of a device's up topic, or null when it is not one of ours. */
export function parseUpTopic(topic: string): UpTopic | null {
  const [prefix, version, tenant = '', handle = '', direction, channel = '', ...rest] = topic.split('/');
  if (`${prefix}/${version}` !== root || direction !== 'up' || rest.length > 0) return null;
  const account = parseAccount(handle);
  if (!tenantIdSchema.safeParse(tenant).success || !account || !isUpChannel(channel)) return null;
  return account.ofChange === isChangeChannel(channel) ? { tenant, device: account.device, channel } : null;
}

const isDownChannel = (name: string): name is DownChannel => Object.hasOwn(channels.down, name);

/** The channel of a topic that came down to `address`, or null when it is not addressed to it. */
export function parseDownTopic(topic: string, address: DeviceAddress): DownChannel | null {
  const channel = topic.slice(topic.lastIndexOf('/') + 1);
  return isDownChannel(channel) && topic === downTopic(address, channel) ? channel : null;
}
