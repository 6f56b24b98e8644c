import { Fault, faultCode } from '@towline/kit';
import type { HostFiles, ProcessRunner } from '@towline/modem';
import type { Family, ObservedHost } from '../../core/host-network/host-network.ts';
import { tableOf } from '../../core/host-network/slot.ts';
import { ipBounds } from './ip-argv.ts';
import { parseLink, parseRoutes, parseRules, unread } from './ip-json.ts';

export interface HostReading {
  readonly processes: ProcessRunner;
  readonly files: HostFiles;
  readonly runDirectory: string;
}

/** Where the resolvers of an interface are noted, as resolv.conf(5) has them: the host's own file is left alone. */
export const resolverDirectory = (runDirectory: string) => `${runDirectory}/resolvers`;
export const resolverFile = (runDirectory: string, interfaceName: string) => `${resolverDirectory(runDirectory)}/${interfaceName}.conf`;

async function textOf(files: HostFiles, path: string): Promise<string | null> {
  try {
    return (await files.read(path))?.trim() ?? null;
  } catch {
    return null;
  }
}

async function countOf(files: HostFiles, path: string): Promise<number | null> {
  const value = await textOf(files, path);
  return value !== null && /^\d+$/.test(value) ? Number(value) : null;
}

/** @throws Fault `host.unread` when `ip` did not come to its end. */
async function shown({ processes }: HostReading, family: Family | null, ...what: string[]): Promise<string> {
  const argv = ['ip', '-j', ...(family === null ? [] : [`-${family}`]), ...what] as const;
  const { end, stdout } = await processes.run(argv, ipBounds);
  if (end.kind !== 'exited') throw new Fault(unread, `${argv.join(' ')}: ${end.kind}`);
  return stdout;
}

async function resolversOf({ files, runDirectory }: HostReading, name: string): Promise<readonly string[]> {
  const lines = (await textOf(files, resolverFile(runDirectory, name)))?.split('\n') ?? [];
  return lines.flatMap((line) => /^nameserver (\S+)$/.exec(line)?.[1] ?? []);
}

/** Octets of an interface since it appeared; null where there is none. */
export async function readCounters(files: HostFiles, name: string) {
  const [rxBytes, txBytes] = await Promise.all(['rx', 'tx'].map((way) => countOf(files, `/sys/class/net/${name}/statistics/${way}_bytes`)));
  return typeof rxBytes === 'number' && typeof txBytes === 'number' ? { rxBytes, txBytes } : null;
}

interface Asked {
  readonly name: string;
  readonly slot: number;
  readonly families: readonly Family[];
}

async function kernelState(reading: HostReading, { name, slot, families }: Asked) {
  const table = tableOf(slot);
  const routes = await Promise.all(
    families.map(async (family) => parseRoutes(family, await shown(reading, family, 'route', 'show', 'table', 'all'))),
  );
  const rules = await Promise.all(families.map(async (family) => parseRules(family, await shown(reading, family, 'rule', 'show'))));
  return {
    routes: routes.flatMap(({ ours }) => ours).filter((route) => route.table === table || route.interface === name),
    otherWays: [...new Set(routes.flatMap(({ others }) => others))].filter((other) => other !== name && other !== 'lo'),
    routers: routes.flatMap(({ announced }) => announced).flatMap((one) => (one.interface === name ? [one.router] : [])),
    rules: rules.flat().filter((rule) => rule.table === table),
  };
}

/** An interface with what is ours around it, by `ip -j` (iproute2) and sysctl files; null where there is none. */
export async function observeHost(reading: HostReading, name: string, slot: number): Promise<ObservedHost | 'unread' | null> {
  try {
    return await observed(reading, name, slot);
  } catch (error) {
    if (faultCode(error) === unread) return 'unread';
    throw error;
  }
}

async function observed(reading: HostReading, name: string, slot: number): Promise<ObservedHost | null> {
  const { files } = reading;
  const link = parseLink(await shown(reading, null, 'address', 'show', 'dev', name));
  if (!link) return null;
  const ipv6 = (setting: string) => countOf(files, `/proc/sys/net/ipv6/conf/${setting}`);
  const families: readonly Family[] = (await ipv6('all/disable_ipv6')) === null ? [4] : [4, 6];
  return {
    ...link,
    ...(await kernelState(reading, { name, slot, families })),
    families,
    ipv6Off: (await ipv6(`${name}/disable_ipv6`)) === 1,
    interface: name,
    reverseFilter: await countOf(files, `/proc/sys/net/ipv4/conf/${name}/rp_filter`),
    routerMetric: await ipv6(`${name}/ra_defrtr_metric`),
    resolvers: await resolversOf(reading, name),
    rxBytes: (await readCounters(files, name))?.rxBytes ?? null,
  };
}
