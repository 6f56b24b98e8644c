import { describe, expect, it } from 'vitest';
import type { DirectoryTree } from './directory-tree.ts';
import { batteryOf, heatOf, linuxConditions } from './linux-conditions.ts';

function treeOf(files: Readonly<Record<string, string>>): DirectoryTree {
  const below = (path: string) =>
    Object.keys(files).flatMap((file) => (file.startsWith(`${path}/`) ? [file.slice(path.length + 1).split('/')[0] ?? ''] : []));
  return { list: (path) => [...new Set(below(path))], text: (path) => files[path] ?? null, linkName: () => null };
}

const supply = '/sys/class/power_supply';
const thermal = '/sys/class/thermal';

// Composed after Documentation/ABI/testing/sysfs-class-power and sysfs-class-thermal.
const gateway = treeOf({
  [`${supply}/AC/type`]: 'Mains',
  [`${supply}/AC/online`]: '0',
  [`${supply}/BAT0/type`]: 'Battery',
  [`${supply}/BAT0/capacity`]: '12',
  [`${supply}/BAT0/status`]: 'Discharging',
  [`${supply}/hidpp_battery_0/type`]: 'Battery',
  [`${supply}/hidpp_battery_0/scope`]: 'Device',
  [`${supply}/hidpp_battery_0/capacity`]: '3',
  [`${thermal}/cooling_device0/type`]: 'fan',
  [`${thermal}/thermal_zone0/type`]: 'cpu-thermal',
  [`${thermal}/thermal_zone0/temp`]: '62300',
  [`${thermal}/thermal_zone0/trip_point_0_type`]: 'passive',
  [`${thermal}/thermal_zone0/trip_point_0_temp`]: '65000',
  [`${thermal}/thermal_zone0/trip_point_1_type`]: 'critical',
  [`${thermal}/thermal_zone0/trip_point_1_temp`]: '110000',
  [`${thermal}/thermal_zone1/type`]: 'board',
  [`${thermal}/thermal_zone1/temp`]: '71000',
  [`${thermal}/thermal_zone1/trip_point_0_type`]: 'hot',
  [`${thermal}/thermal_zone1/trip_point_0_temp`]: '85000',
  [`${thermal}/thermal_zone2/temp`]: 'unreadable',
});

describe('what sysfs says of a host', () => {
  it('is the battery that it runs on, not that of its mouse', () => {
    expect(batteryOf(gateway)).toEqual({ percent: 12, isDischarging: true });
  });

  it.each([
    [
      'that is being drawn from, though another is emptier',
      { capacity: '2', status: 'Not charging' },
      { percent: 40, isDischarging: true },
    ],
    [
      'that is there, though an empty bay says nothing is left',
      { capacity: '0', status: 'Discharging', present: '0' },
      { percent: 40, isDischarging: true },
    ],
    ['that is the weakest of those that are drawn from', { capacity: '9', status: 'Discharging' }, { percent: 9, isDischarging: true }],
  ])('is the battery %s', (_which, other, battery) => {
    const files = Object.entries({ type: 'Battery', ...other }).map(([file, text]) => [`${supply}/BAT1/${file}`, text]);
    const first = { [`${supply}/BAT0/type`]: 'Battery', [`${supply}/BAT0/capacity`]: '40', [`${supply}/BAT0/status`]: 'Discharging' };
    expect(batteryOf(treeOf({ ...first, ...Object.fromEntries(files) }))).toEqual(battery);
  });

  it('is the sensor that is nearest to what it may bear', () => {
    expect(heatOf(gateway)).toEqual({ sensor: 'board', celsius: 71, limitCelsius: 85 });
  });

  it('is nothing where there is neither', () => {
    expect([batteryOf(treeOf({})), heatOf(treeOf({}))]).toEqual([null, null]);
  });
});

describe('a state directory of this host', () => {
  it('in shared memory is lost with the power, unless a person accepts that', () => {
    const of = (acceptVolatileState: boolean) =>
      linuxConditions({ stateDir: '/dev/shm/not-made-yet', acceptVolatileState }, treeOf({})).read();
    expect(of(false).volatileState).toMatch(/^tmpfs at \/dev\/shm$/);
    expect(of(true).volatileState).toBeNull();
  });
});

describe('addresses of the control plane', () => {
  it('are of the families that its name has', async () => {
    const host = linuxConditions({ stateDir: '/', acceptVolatileState: true });
    expect(await host.familiesOf('127.0.0.1')).toEqual([4]);
    expect(await host.familiesOf('no.such.name.invalid')).toBeNull();
  });
});
