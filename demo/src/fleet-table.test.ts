import type { Device } from '@towline/protocol/http';
import { describe, expect, it } from 'vitest';
import { fleetTable } from './fleet-table.ts';

const device = (id: string, fields: Partial<Device> = {}): Device => ({
  id,
  name: `ec200a-${id}`,
  site: null,
  tags: [],
  online: true,
  lastSeen: null,
  model: 'ec200a',
  imei: null,
  iccid: null,
  imsi: null,
  homePlmn: null,
  servingPlmn: '00101',
  registration: 'home',
  state: 'verified',
  apn: 'fleet.north',
  fault: null,
  signal: -97.4,
  target: null,
  ...fields,
});

describe('the table of the fleet', () => {
  it('shows a row a device under aligned titles, and a dash for what is not known', () => {
    const [, titles = '', row = ''] = fleetTable([device('7k2m9q4x1z', { signal: null })]).split('\n');
    expect(titles.indexOf('APN')).toBe(row.indexOf('fleet.north'));
    expect(row).toMatch(/^7k2m9q4x1z {2}ec200a-7k2m9q4x1z .*00101 home +- +verified {2}fleet\.north {2}-$/);
  });

  it('says how many it does not show', () => {
    const many = Array.from({ length: 20 }, (_, index) => device(String(index).padStart(10, '0')));
    expect(fleetTable(many).split('\n').at(-1)).toBe('… and 6 more');
  });
});
