import type { DeviceAddress } from '@towline/protocol';

/** Accounts of devices at a broker that keeps its own. The embedded one asks the database and needs none. */
export interface DeviceAccounts {
  /**
   * Lets the device in with this secret, and to its own topics only. Idempotent.
   * @throws Fault `unavailable` when the broker does not answer; the device asks again
   */
  grant(address: DeviceAddress, secret: string): Promise<void>;
}

export const noAccounts: DeviceAccounts = { grant: async () => undefined };
