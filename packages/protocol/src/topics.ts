import { channels, type DownChannel, type UpChannel } from './channels.ts';
import { deviceIdSchema, tenantIdSchema } from './scalars.ts';

const root = 'towline/v1';

export interface DeviceAddress {
  readonly tenant: string;
  readonly device: string;
}

export function upTopic({ tenant, device }: DeviceAddress, channel: UpChannel): string {
  return `${root}/${tenant}/${device}/up/${channel}`;
}

export function downTopic({ tenant, device }: DeviceAddress, channel: DownChannel): string {
  return `${root}/${tenant}/${device}/down/${channel}`;
}

/** What a device subscribes to: all its down channels. */
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
  const [prefix, version, tenant = '', device = '', direction, channel = '', ...rest] = topic.split('/');
  if (`${prefix}/${version}` !== root || direction !== 'up' || rest.length > 0) return null;
  if (!tenantIdSchema.safeParse(tenant).success || !deviceIdSchema.safeParse(device).success) return null;
  return isUpChannel(channel) ? { tenant, device, channel } : null;
}

const isDownChannel = (name: string): name is DownChannel => Object.hasOwn(channels.down, name);

/** The channel of a topic that came down to `address`, or null when it is not addressed to it. */
export function parseDownTopic(topic: string, address: DeviceAddress): DownChannel | null {
  const prefix = `${root}/${address.tenant}/${address.device}/down/`;
  const channel = topic.startsWith(prefix) ? topic.slice(prefix.length) : '';
  return isDownChannel(channel) ? channel : null;
}
