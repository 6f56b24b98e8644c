import { faultCode } from '@towline/kit';
import type { Argv, ProcessOutcome } from '@towline/modem';
import type { HostStep } from '../../core/host-network/host-network.ts';
import type { HostNetwork, HostOutcome } from '../../runtime/ports.ts';
import { dhcpClient } from './dhcp-client.ts';
import { ipArgv, ipBounds } from './ip-argv.ts';
import { type HostReading, observeHost, readCounters, resolverFile } from './observe-host.ts';

export interface HostNetworkParts extends HostReading {
  /** For the DHCP client's script, where programs may not run from `runDirectory`. */
  readonly stateDirectory: string;
}

const done: HostOutcome = { ok: true };

function refusal(argv: Argv, { end, stderr }: ProcessOutcome): HostOutcome {
  const how = end.kind === 'exited' ? `status ${end.code}` : end.kind;
  const code = end.kind === 'not-started' && end.reason === 'ENOENT' ? 'host.tool-missing' : 'host.network-refused';
  return { ok: false, failure: { code, evidence: [argv.join(' '), `${how}: ${stderr.trim().slice(0, 160)}`] } };
}

async function attempted(path: string, write: () => Promise<void>): Promise<HostOutcome> {
  try {
    await write();
    return done;
  } catch (error) {
    return { ok: false, failure: { code: 'host.network-refused', evidence: [`${path}: ${faultCode(error)}`] } };
  }
}

const written = ({ files }: HostReading, path: string, content: string) => attempted(path, () => files.write(path, content));

/** 2: also on a gateway, which forwards and would not listen to routers otherwise (kernel, ip-sysctl.rst). Only once the metric stands. */
async function setRouterMetric(parts: HostReading, name: string, metric: number): Promise<HostOutcome> {
  const stands = await written(parts, `/proc/sys/net/ipv6/conf/${name}/ra_defrtr_metric`, String(metric));
  return stands.ok ? written(parts, `/proc/sys/net/ipv6/conf/${name}/accept_ra`, '2') : stands;
}

async function noteResolvers(parts: HostReading, name: string, resolvers: readonly string[]): Promise<HostOutcome> {
  const path = resolverFile(parts.runDirectory, name);
  // Other programs of the gateway read it, as whoever they run (docs/gateway.md).
  const text = resolvers.map((address) => `nameserver ${address}\n`).join('');
  if (resolvers.length > 0) return attempted(path, () => parts.files.write(path, text, 'everybody'));
  return attempted(path, () => parts.files.remove(path));
}

async function apply(parts: HostReading, step: HostStep): Promise<HostOutcome> {
  switch (step.do) {
    case 'loosen-reverse-filter':
      return written(parts, `/proc/sys/net/ipv4/conf/${step.interface}/rp_filter`, '2');
    case 'set-router-metric':
      return setRouterMetric(parts, step.interface, step.metric);
    case 'note-resolvers':
      return noteResolvers(parts, step.interface, step.resolvers);
    default: {
      const argv = ipArgv(step);
      const outcome = await parts.processes.run(argv, ipBounds);
      return outcome.end.kind === 'exited' && outcome.end.code === 0 ? done : refusal(argv, outcome);
    }
  }
}

/** The network of this Linux host by iproute2, sysctl files and udhcpc. Needs CAP_NET_ADMIN. */
export function linuxHostNetwork(parts: HostNetworkParts): HostNetwork {
  const dhcp = dhcpClient(parts);
  return {
    observe: (name, slot) => observeHost(parts, name, slot),
    apply: (step) => apply(parts, step),
    lease: (name) => dhcp.lease(name),
    counters: (name) => readCounters(parts.files, name),
  };
}
