import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Fault } from '@towline/kit';

/** What the kernel has counted on one TCP connection since its SYN, seen from the side that opened it. */
export interface TcpCounters {
  readonly localPort: number;
  /** Segments, with those without data. */
  readonly segmentsUp: number;
  readonly segmentsDown: number;
  /** Octets of data, those sent again included. */
  readonly dataUp: number;
  readonly dataDown: number;
}

const run = promisify(execFile);
const ssTimeoutMs = 5000;

/** IPv4 header (RFC 791) and TCP header with the timestamps option (RFC 7323 appendix A), which Linux sends in every segment. */
const headerOctets = 20 + 20 + 12;
/** A SYN carries MSS, SACK permitted and window scale besides: 8 octets more. */
const synExtraOctets = 8;

/** Both directions. The SYNs are counted when the whole connection is. */
export function ipOctets({ segmentsUp, segmentsDown, dataUp, dataDown }: TcpCounters): number {
  return (segmentsUp + segmentsDown) * headerOctets + dataUp + dataDown;
}

/** Octets of a connection from its SYN on. */
export const ipOctetsFromSyn = (counters: TcpCounters): number => ipOctets(counters) + 2 * synExtraOctets;

/** FIN and its acknowledgement from either side. */
export const closingSegments = 4;
export const closingOctets = closingSegments * headerOctets;

/** @throws Fault `bench.no-timestamps`: the octets of a header are known for one setting only, that of every Linux distribution. */
export function requireTimestamps(): void {
  if (readFileSync('/proc/sys/net/ipv4/tcp_timestamps', 'utf8').trim() === '1') return;
  throw new Fault('bench.no-timestamps', 'needs net.ipv4.tcp_timestamps = 1, the default of Linux');
}

function field(line: string, name: string): number {
  // ss leaves a counter out while it is zero.
  return Number(new RegExp(`\\b${name}:(\\d+)`).exec(line)?.[1] ?? 0);
}

/**
 * Reads the counters of this machine's only connection to `port` with ss(8).
 * @throws Fault `bench.no-ss`, `bench.no-connection`
 */
export async function readTcpCounters(port: number): Promise<TcpCounters> {
  const { stdout } = await run('ss', ['-tinHO', 'state', 'established', `dport = :${port}`], { timeout: ssTimeoutMs }).catch(
    (cause: unknown) => {
      throw new Fault('bench.no-ss', 'cannot run ss: install the package iproute2', { cause });
    },
  );
  const [line, ...others] = stdout.split('\n').filter((text) => text.trim() !== '');
  if (line === undefined || others.length > 0) throw new Fault('bench.no-connection', `${others.length} connections too many, or none`);
  return {
    localPort: Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? 0),
    segmentsUp: field(line, 'segs_out'),
    segmentsDown: field(line, 'segs_in'),
    // What was sent again is part of bytes_sent.
    dataUp: field(line, 'bytes_sent'),
    dataDown: field(line, 'bytes_received'),
  };
}
