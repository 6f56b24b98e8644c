import type { BearerAddress } from '../driver.ts';
import { labelled, labelledNumber, prefixLengthOf } from '../sessions/tool-text.ts';
import type { IpFamily, LinkLayer } from './qmicli-command.ts';

/** `Link layer protocol: 'raw-ip'`. Null: said something else, or nothing. */
export function parseDataFormat(text: string): LinkLayer | null {
  const value = labelled(text, 'Link layer protocol');
  return value === 'raw-ip' || value === '802-3' ? value : null;
}

/** `Packet data handle: '2267152720'`. */
export function parseDataHandle(text: string): number | null {
  return labelledNumber(text, 'Packet data handle');
}

/** `CID: '17'`, which the tool prints for a client id that it was told to keep. */
export function parseClientId(text: string): number | null {
  return labelledNumber(text, 'CID');
}

/** `Connection status: 'connected'`. A call that is suspended or on its way is not down. Null: not told. */
export function parseConnectionStatus(text: string): boolean | null {
  const value = labelled(text, 'Connection status')?.toLowerCase() ?? null;
  return value === null ? null : value !== 'disconnected';
}

/** What `--wds-get-current-settings` says of the one IP family of its client. */
export interface CurrentSettings {
  readonly family: IpFamily | null;
  readonly addresses: readonly BearerAddress[];
  readonly dns: readonly string[];
  readonly mtu: number | null;
}

function ipv4Address(text: string): readonly BearerAddress[] {
  const address = labelled(text, 'IPv4 address');
  if (address === null || address === '0.0.0.0') return [];
  const mask = labelled(text, 'IPv4 subnet mask');
  const prefixLength = (mask === null ? null : prefixLengthOf(mask)) ?? 32;
  return [{ address, prefixLength, gateway: labelled(text, 'IPv4 gateway address') }];
}

/** IPv6 addresses come with their prefix length, `2001:db8::1/64`, the gateway's too. */
function ipv6Address(text: string): readonly BearerAddress[] {
  const [address, length] = labelled(text, 'IPv6 address')?.split('/') ?? [];
  if (address === undefined || address === '' || address === '::') return [];
  const gateway = labelled(text, 'IPv6 gateway address')?.split('/')[0] ?? null;
  const prefixLength = Number(length ?? 64);
  return [{ address, prefixLength: Number.isInteger(prefixLength) ? prefixLength : 64, gateway }];
}

const dnsLabels = ['IPv4 primary DNS', 'IPv4 secondary DNS', 'IPv6 primary DNS', 'IPv6 secondary DNS'];

/** Never fails: what is missing is empty. */
export function parseCurrentSettings(text: string): CurrentSettings {
  const family = labelled(text, 'IP Family');
  const servers = dnsLabels.flatMap((label) => labelled(text, label) ?? []);
  return {
    family: family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : null,
    addresses: [...ipv4Address(text), ...ipv6Address(text)],
    dns: servers.filter((server) => server !== '0.0.0.0' && server !== '::'),
    mtu: labelledNumber(text, 'MTU'),
  };
}

/** Sierra: `[*] USB composition 6: DM, NMEA, AT, QMI`. */
export function parseUsbCompositions(
  text: string,
): readonly { readonly number: number; readonly functions: string; readonly current: boolean }[] {
  return [...text.matchAll(/^\s*(\[\*\]|\*)?\s*USB composition (\d+):\s*(.+?)\s*$/gim)].map(([, mark, number, functions]) => ({
    number: Number(number),
    functions: functions ?? '',
    current: mark !== undefined,
  }));
}
