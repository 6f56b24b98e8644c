import type { Config } from '../../platform/config.ts';
import { DynamicSecurity, type DynamicSecurityOptions } from './dynamic-security.ts';

export interface DeviceAccountsParts extends Omit<DynamicSecurityOptions, 'url' | 'clientId'> {
  /** Which process asks: each has a session of its own. */
  readonly name: string;
}

/** Who keeps the accounts of devices, as configured; null: nobody of ours, because the broker is embedded or kept by others. */
export function createDeviceAccounts(
  { outsideUrl, accounts }: Config['mqtt'],
  { name, ...parts }: DeviceAccountsParts,
): DynamicSecurity | null {
  if (outsideUrl === null || accounts !== 'dynamic-security') return null;
  return new DynamicSecurity({ ...parts, url: outsideUrl, clientId: `towline-accounts-${name}` });
}
