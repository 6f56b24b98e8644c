import { randomInt } from 'node:crypto';
import { connect, isIP } from 'node:net';
import { faultCode } from '@towline/kit';
import type { ProcessRunner } from '@towline/modem';
import type { ProbeReport } from '../../core/host-network/probe.ts';
import type { BearerProbe, Endpoint, ProbeRequest } from '../../runtime/ports.ts';
import { askPinned, resolvePinned } from './pinned-resolver.ts';
import { type PortRing, portRing } from './port-ring.ts';

const timeoutMs = 5_000;
/** A lost packet is no lost bearer: LPWA loses some. */
const rounds = 2;

async function probeDns({ resolvers, gateways, endpoint }: ProbeRequest, ring: PortRing) {
  // A module's own resolver answers from its cache with no network behind it.
  const beyond = resolvers.filter((resolver) => !gateways.includes(resolver)).slice(0, 3);
  if (beyond.length === 0) return { dns: 'untried', line: 'no resolver of the operator to ask' } as const;
  const name = endpoint && isIP(endpoint.host) === 0 ? endpoint.host : '';
  for (const resolver of beyond) {
    const answer = await askPinned(resolver, ring, { name, type: name === '' ? 'NS' : 'A', timeoutMs });
    if (answer) return { dns: 'answered', line: `DNS ${resolver}: answered` } as const;
  }
  return { dns: 'silent', line: `DNS ${beyond.join(', ')}: no answer` } as const;
}

/** A connection that is begun and given up at once: three packets and a reset. */
function reach(address: string, port: number, localPort: number): Promise<'connected' | 'refused' | { readonly code: string }> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, localPort, autoSelectFamily: false });
    const timer = setTimeout(() => socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })), timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.resetAndDestroy();
      resolve('connected');
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      const code = faultCode(error);
      resolve(code === 'ECONNREFUSED' ? 'refused' : { code });
    });
  });
}

async function addressOf({ host }: Endpoint, resolvers: readonly string[], ring: PortRing): Promise<string | null> {
  return isIP(host) === 0 ? resolvePinned(host, resolvers, ring) : host;
}

async function probeTcp({ endpoint, resolvers }: ProbeRequest, ring: PortRing) {
  if (!endpoint) return { tcp: 'untried', line: 'no endpoint to reach' } as const;
  const where = `TCP ${endpoint.host}:${endpoint.port}`;
  const address = await addressOf(endpoint, resolvers, ring);
  if (address === null) return { tcp: 'silent', line: `${where}: the name is not known` } as const;
  const reached = await reach(address, endpoint.port, ring.next());
  if (typeof reached === 'string') return { tcp: reached, line: `${where}: ${reached}` } as const;
  return { tcp: 'silent', line: `${where}: ${reached.code}` } as const;
}

async function probePing({ ping, interface: name }: ProbeRequest, processes: ProcessRunner) {
  if (ping === null) return { ping: 'untried', line: null } as const;
  const argv = ['ping', '-n', '-q', '-c', '1', '-w', '3', '-I', name, ping] as const;
  const { end } = await processes.run(argv, { timeoutMs: 8_000, maxOutputBytes: 4_096 });
  const answered = end.kind === 'exited' && end.code === 0;
  return { ping: answered ? 'answered' : 'silent', line: `ping ${ping}: ${answered ? 'answered' : 'no answer'}` } as const;
}

async function round(request: ProbeRequest, ring: PortRing, processes: ProcessRunner): Promise<ProbeReport> {
  const { tcp, line: tcpLine } = await probeTcp(request, ring);
  const isReached = tcp === 'connected' || tcp === 'refused';
  // The endpoint is what the bearer is for: who reached it need not ask anybody else.
  const { dns, line: dnsLine } = isReached ? ({ dns: 'untried', line: null } as const) : await probeDns(request, ring);
  const { ping, line: pingLine } =
    isReached || dns === 'answered' ? ({ ping: 'untried', line: null } as const) : await probePing(request, processes);
  return { tcp, dns, ping, evidence: [tcpLine, dnsLine, pingLine].filter((line) => line !== null) };
}

const hasAnswer = ({ tcp, dns, ping }: ProbeReport) =>
  tcp === 'connected' || tcp === 'refused' || dns === 'answered' || ping === 'answered';

/** Probes by sockets from the bearer's own ports (which the host's rules send over it), and by `ping` bound to its interface. */
export function pinnedProbe(processes: ProcessRunner): BearerProbe {
  const rings = new Map<number, PortRing>();
  function ringOf(ports: ProbeRequest['ports']): PortRing {
    const ring = rings.get(ports.first) ?? portRing(ports, randomInt(64));
    rings.set(ports.first, ring);
    return ring;
  }
  return {
    async probe(request) {
      const ring = ringOf(request.ports);
      let report = await round(request, ring, processes);
      for (let tried = 1; tried < rounds && !hasAnswer(report); tried += 1) report = await round(request, ring, processes);
      return report;
    },
  };
}
