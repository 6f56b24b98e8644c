import type { HostPorts, LeaseOutcome, ProbeReport, ProbeRequest } from '@towline/agent/testing';
import type { Clock } from '@towline/kit';
import type { HostAbilities, HostFiles, ProcessOutcome, ProcessRunner } from '@towline/modem';
import type { SimulatedModem, SimulatedTool } from '@towline/simulator';
import type { Kernel } from './kernel.ts';
import { controlPlaneHost, type OperatorCore, resolverHost } from './operator-core.ts';
import type { ProcessLife } from './process-life.ts';
import type { ModemBus } from './usb.ts';

export interface HostParts {
  readonly clock: Clock;
  readonly modem: SimulatedModem;
  readonly bus: ModemBus;
  readonly core: OperatorCore;
  readonly kernel: Kernel;
  /** Files in RAM of this boot. */
  readonly files: Map<string, string>;
  readonly tools: Readonly<Record<string, SimulatedTool>>;
  readonly isControlPlaneUp: () => boolean;
  readonly ignoresPins: boolean;
}

const abilities: HostAbilities = {
  kernel: '6.1.0-37-amd64',
  modules: new Set(['option', 'cdc_ether', 'rndis_host', 'qmi_wwan', 'cdc_mbim', 'cdc_ncm']),
  programs: new Set(['ip', 'udhcpc', 'qmicli', 'mbimcli']),
  hasPpp: false,
};

const done: ProcessOutcome = { end: { kind: 'exited', code: 0 }, stdout: '', stderr: '' };
const missing: ProcessOutcome = { end: { kind: 'not-started', reason: 'ENOENT' }, stdout: '', stderr: '' };

/** Runs the tools that the agent's sessions use; nothing of it lives on. */
function processesOf({ clock, tools, kernel }: HostParts, life: ProcessLife): ProcessRunner {
  return {
    run: (argv, { timeoutMs }) =>
      life.call(`run ${argv[0]} ${argv.at(-1)?.split('=')[0]}`, async () => {
        const [program, ...words] = argv;
        if (program === 'ip') {
          if (words.includes('up') || words.includes('down')) kernel.setUp(words.includes('up'));
          return done;
        }
        const tool = tools[program];
        if (!tool) return missing;
        const late = new Promise<ProcessOutcome>(
          (resolve) => void clock.schedule(timeoutMs, () => resolve({ end: { kind: 'timed-out' }, stdout: '', stderr: '' })),
        );
        return Promise.race([tool.run(argv), late]);
      }),
    start: () => ({ onLine: () => () => {}, onEnd: () => () => {}, stop: async () => ({ kind: 'exited', code: 0 }) }),
  };
}

const rawIp = '/sys/class/net/wwan0/qmi/raw_ip';

/** Sysfs, and what is remembered under /run. */
function filesOf({ files, bus, modem }: HostParts, life: ProcessLife): HostFiles {
  return {
    read: (path) =>
      life.answer(() => {
        if (path.endsWith('/devnum')) return String(bus.attachment);
        if (path === rawIp) return modem.state.running.dataMode === 'qmi' ? (files.get(path) ?? 'N') : null;
        return files.get(path) ?? null;
      }),
    write: (path, text) =>
      life.call(`write ${path.split('/').at(-1)}`, () => {
        files.set(path, text);
      }),
    remove: (path) => life.answer(() => void files.delete(path)),
  };
}

const noDhcp: LeaseOutcome = { ok: false, failure: { code: 'bearer.no-dhcp', evidence: ['udhcpc: no lease, failing'] } };
const silentMs = 3_000;

async function lease({ clock, modem }: HostParts): Promise<LeaseOutcome> {
  const link = modem.dataLink();
  const [address] = link?.addresses ?? [];
  await new Promise<void>((resolve) => void clock.schedule(link && address !== undefined ? 100 : silentMs, resolve));
  if (!link || address === undefined) return noDhcp;
  const { gateway, dns } = link;
  return { ok: true, lease: { address: { address, prefixLength: 24 }, gateway, resolvers: dns, mtu: 1430, leaseS: 7_200 } };
}

async function probe(parts: HostParts, { ports, endpoint, resolvers, gateways }: ProbeRequest): Promise<ProbeReport> {
  const { clock, core, kernel, ignoresPins, isControlPlaneUp } = parts;
  const route = kernel.route(ignoresPins ? null : ports.first);
  const reaches = (host: string) => core.way(kernel, route, host).kind !== 'none';
  const isEndpointThere = endpoint !== null && reaches(controlPlaneHost);
  const isResolverThere = resolvers.some((one) => !gateways.includes(one)) && reaches(resolverHost);
  await new Promise<void>((resolve) => void clock.schedule(isEndpointThere || isResolverThere ? 120 : silentMs, resolve));
  return {
    tcp: isEndpointThere ? (isControlPlaneUp() ? 'connected' : 'refused') : 'silent',
    dns: isResolverThere ? 'answered' : 'silent',
    ping: 'untried',
    evidence: ['probed'],
  };
}

/** The host of a gateway as one process of the agent finds it. */
export function hostPortsOf(parts: HostParts, life: ProcessLife): HostPorts {
  const { kernel } = parts;
  return {
    runDirectory: '/run/towline',
    abilities: () => abilities,
    bindDrivers: () => life.call('bind drivers', () => ({ ok: true }) as const),
    resetUsb: () =>
      life.call('reset usb', () => {
        parts.modem.restart();
        return { ok: true } as const;
      }),
    reloadDrivers: () => life.call('reload drivers', () => ({ ok: true }) as const),
    processes: processesOf(parts, life),
    files: filesOf(parts, life),
    probe: { probe: (request) => life.call('probe', () => probe(parts, request)) },
    network: {
      observe: (name) => life.answer(() => kernel.observe(name)),
      counters: () => life.answer(() => ({ rxBytes: 0, txBytes: 0 })),
      lease: () => life.call('lease', () => lease(parts)),
      apply: (step) =>
        life.call(`network ${step.do}`, () => {
          if (kernel.apply(step)) return { ok: true } as const;
          return { ok: false, failure: { code: 'host.network-refused', evidence: ['Cannot find device'] } } as const;
        }),
    },
  };
}
