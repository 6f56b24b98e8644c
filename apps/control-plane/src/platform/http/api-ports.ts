import type { Clock } from '@towline/kit';
import type { Registry } from 'prom-client';
import type { DeviceAccounts } from '../../broker/device-accounts.ts';
import type { ChangeFeed } from '../change-feed.ts';
import type { Ids } from '../clock.ts';
import type { Database } from '../database.ts';
import type { ControlPlaneLog } from '../log.ts';
import type { NamedNetwork } from '../networks.ts';
import type { Sealer } from '../sealer.ts';
import type { ThrottlePolicies } from './request-throttles.ts';

/** What the API process is given from outside; every feature module takes what it needs from here. */
export interface ApiPorts {
  readonly database: Database;
  readonly changeFeed: Pick<ChangeFeed, 'subscribe'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: ControlPlaneLog;
  readonly sealer: Sealer;
  readonly metrics: Registry;
  readonly deviceAccounts: DeviceAccounts;
  /** What devices are told to connect to. */
  readonly publicMqttUrl: string;
  readonly throttlePolicies: ThrottlePolicies;
  /** Where webhooks may go besides the public internet. */
  readonly webhookNetworks: readonly NamedNetwork[];
}

/** Token under which modules ask for `ApiPorts`. */
export const API_PORTS = Symbol('api-ports');
