import type { Device } from '@towline/protocol/http';

const columns: readonly (readonly [string, (device: Device) => string])[] = [
  ['device', (device) => device.id],
  ['name', (device) => device.name],
  ['site', (device) => device.site?.name ?? ''],
  ['network', (device) => `${device.servingPlmn ?? '-'} ${device.registration ?? ''}`],
  ['dBm', (device) => device.signal?.toFixed(0) ?? '-'],
  ['state', (device) => device.state ?? '-'],
  ['APN', (device) => device.apn ?? '-'],
  ['target', (device) => device.target?.status ?? '-'],
];
const shown = 14;

/** The first devices as a table for a terminal. */
export function fleetTable(devices: readonly Device[]): string {
  const rows = [columns.map(([title]) => title), ...devices.slice(0, shown).map((device) => columns.map(([, cell]) => cell(device)))];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const rest = devices.length > shown ? [`… and ${devices.length - shown} more`] : [];
  return ['', ...lines, ...rest].join('\n');
}
