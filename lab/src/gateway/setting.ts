import type { DataMode } from '@towline/modem';
import type { ConnectionProfile } from '@towline/protocol';

/** What a gateway is reached with. */
export interface Setting {
  readonly apn: string;
  readonly mode: DataMode;
}

export const profileOf = ({ apn, mode }: Setting): ConnectionProfile => ({
  apn,
  ipType: 'ipv4',
  auth: 'none',
  dataMode: mode,
  roaming: true,
});
