import { lookup } from 'node:dns/promises';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Conditions, IpFamily, Volatility } from '../../core/transaction/preflight.ts';
import type { HostConditions } from '../../runtime/ports.ts';
import { type DirectoryTree, hostTree } from './directory-tree.ts';
import { volatilityOf } from './state-medium.ts';

/** Of a directory that is not there yet: of what it will be made in. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path === '/' ? path : realPath(dirname(path));
  }
}

/** Why a loss of power takes what is in this directory of this host; null: it does not, or nobody can tell. */
export function volatilityHere(directory: string): Volatility | null {
  try {
    return volatilityOf(readFileSync('/proc/self/mountinfo', 'utf8'), realPath(directory));
  } catch {
    // A host without procfs.
    return null;
  }
}

function numberIn(tree: DirectoryTree, path: string): number | null {
  const text = tree.text(path);
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
}

/**
 * What is left to the host: of the batteries that discharge the weakest, else of all. An empty bay is not `present`, and the battery of a mouse
 * has the scope `Device` (sysfs-class-power of the kernel).
 */
export function batteryOf(tree: DirectoryTree): Conditions['battery'] {
  const root = '/sys/class/power_supply';
  const found = tree.list(root).flatMap((name) => {
    const percent = numberIn(tree, `${root}/${name}/capacity`);
    const says = (file: string) => tree.text(`${root}/${name}/${file}`);
    const isHosts = says('type') === 'Battery' && says('scope') !== 'Device' && says('present') !== '0';
    return isHosts && percent !== null ? [{ percent, isDischarging: says('status') === 'Discharging' }] : [];
  });
  return (
    found.toSorted((left, right) => Number(right.isDischarging) - Number(left.isDischarging) || left.percent - right.percent)[0] ?? null
  );
}

const limits: readonly (string | null)[] = ['hot', 'critical'];

/** The thermal zone that is nearest to where the kernel cries out or shuts down, in degrees (sysfs-class-thermal of the kernel: thousandths). */
export function heatOf(tree: DirectoryTree): Conditions['heat'] {
  const root = '/sys/class/thermal';
  const zones = tree.list(root).filter((name) => name.startsWith('thermal_zone'));
  const found = zones.flatMap((name) => {
    const zone = `${root}/${name}`;
    const trips = tree
      .list(zone)
      .flatMap((file) => (file.endsWith('_type') && limits.includes(tree.text(`${zone}/${file}`)) ? [file] : []));
    const bounds = trips.flatMap((file) => numberIn(tree, `${zone}/${file.replace(/_type$/, '_temp')}`) ?? []).filter((limit) => limit > 0);
    const now = numberIn(tree, `${zone}/temp`);
    if (now === null || bounds.length === 0) return [];
    return [{ sensor: tree.text(`${zone}/type`) ?? name, celsius: now / 1_000, limitCelsius: Math.min(...bounds) / 1_000 }];
  });
  return found.toSorted((left, right) => left.limitCelsius - left.celsius - (right.limitCelsius - right.celsius))[0] ?? null;
}

const lookupMs = 5_000;

async function familiesOf(name: string): Promise<readonly IpFamily[] | null> {
  const late = new Promise<null>((resolve) => setTimeout(resolve, lookupMs, null).unref());
  const found = await Promise.race([lookup(name, { all: true }).catch(() => null), late]);
  const families = new Set(found?.flatMap(({ family }): IpFamily[] => (family === 6 ? [6] : [4])) ?? []);
  return families.size === 0 ? null : [...families];
}

export function linuxConditions(
  { stateDir, acceptVolatileState }: { readonly stateDir: string; readonly acceptVolatileState: boolean },
  tree: DirectoryTree = hostTree,
): HostConditions {
  return {
    read: () => {
      const volatility = acceptVolatileState ? null : volatilityHere(stateDir);
      return { volatileState: volatility?.isSeen ? volatility.why : null, battery: batteryOf(tree), heat: heatOf(tree) };
    },
    familiesOf,
  };
}
