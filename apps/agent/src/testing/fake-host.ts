import type { Argv, HostAbilities } from '@towline/modem';
import type { HostStep, ObservedHost } from '../core/host-network/host-network.ts';
import type { ProbeReport } from '../core/host-network/probe.ts';
import type { BindRequest, HostPorts, LeaseOutcome, ProbeRequest } from '../runtime/ports.ts';
import { bareInterface, kernelAfter } from './kernel-network.ts';

/** A host whose kernel does as it is told, with a DHCP server and an internet that can be taken away. */
export interface FakeHost extends HostPorts {
  kernel(): ObservedHost;
  readonly applied: HostStep[];
  readonly probes: ProbeRequest[];
  readonly bound: BindRequest[];
  /** USB paths whose port was reset, whose drivers were reloaded. */
  readonly resets: string[];
  readonly reloads: string[];
  /** Programs that were run, with their arguments. */
  readonly ran: Argv[];
  /** What a reset of the port does, beside being noted. */
  onReset(run: () => void): void;
  /** Leases asked for so far. */
  leases(): number;
  serveDhcp(serves: boolean): void;
  /** Somebody turned IPv6 off on the interface. */
  turnIpv6Off(): void;
  /** So many looks at the network do not come to their end. */
  missLooks(count: number): void;
  carryTraffic(carries: boolean): void;
}

const offered: LeaseOutcome = {
  ok: true,
  lease: {
    address: { address: '192.168.225.30', prefixLength: 24 },
    gateway: '192.168.225.1',
    resolvers: ['192.168.225.1'],
    mtu: 1430,
    leaseS: 3_600,
  },
};

const abilities: HostAbilities = {
  kernel: '6.1.0-37-amd64',
  modules: new Set(['option', 'cdc_ether', 'rndis_host', 'qmi_wwan']),
  programs: new Set(['ip', 'udhcpc', 'qmicli']),
  hasPpp: false,
};

export function fakeHost(): FakeHost {
  let kernel = bareInterface('usb0');
  let serves = true;
  let carries = true;
  let leases = 0;
  let missed = 0;
  const applied: HostStep[] = [];
  const probes: ProbeRequest[] = [];
  const bound: BindRequest[] = [];
  const resets: string[] = [];
  const reloads: string[] = [];
  const ran: Argv[] = [];
  let whenReset = () => {};
  const report = (): ProbeReport => ({
    tcp: carries ? 'connected' : 'silent',
    dns: carries ? 'untried' : 'silent',
    ping: 'untried',
    evidence: ['probed'],
  });
  return {
    applied,
    probes,
    kernel: () => kernel,
    leases: () => leases,
    serveDhcp: (now) => void (serves = now),
    turnIpv6Off: () => void (kernel = { ...kernel, ipv6Off: true }),
    missLooks: (count) => void (missed = count),
    carryTraffic: (now) => void (carries = now),
    runDirectory: '/run/towline',
    abilities: () => abilities,
    async bindDrivers(request) {
      bound.push(request);
      return { ok: true };
    },
    bound,
    resets,
    reloads,
    ran,
    onReset: (run) => void (whenReset = run),
    async resetUsb(usbPath) {
      resets.push(usbPath);
      whenReset();
      return { ok: true };
    },
    async reloadDrivers(usbPath) {
      reloads.push(usbPath);
      return { ok: true };
    },
    processes: {
      async run(argv) {
        ran.push(argv);
        const isKnown = argv[0].startsWith('/opt/');
        return { end: isKnown ? { kind: 'exited', code: 0 } : { kind: 'not-started', reason: 'ENOENT' }, stdout: '', stderr: '' };
      },
      start: () => ({ onLine: () => () => {}, onEnd: () => () => {}, stop: async () => ({ kind: 'exited', code: 0 }) }),
    },
    files: { read: async () => null, write: async () => {}, remove: async () => {} },
    probe: {
      async probe(request) {
        probes.push(request);
        return report();
      },
    },
    network: {
      async observe(name) {
        missed -= 1;
        if (missed >= 0) return 'unread';
        return name === kernel.interface ? kernel : null;
      },
      counters: async () => ({ rxBytes: 0, txBytes: 0 }),
      async apply(step) {
        applied.push(step);
        kernel = kernelAfter(kernel, [step]);
        return { ok: true };
      },
      async lease() {
        leases += 1;
        return serves ? offered : { ok: false, failure: { code: 'bearer.no-dhcp', evidence: ['udhcpc: no lease, failing'] } };
      },
    },
  };
}
