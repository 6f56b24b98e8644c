import type { TroubleCode } from '../reactions.ts';

/** What a probe found. `refused` is an answer too: something at the other end said no. */
export interface ProbeReport {
  readonly dns: 'answered' | 'silent' | 'untried';
  readonly tcp: 'connected' | 'refused' | 'silent' | 'untried';
  readonly ping: 'answered' | 'silent' | 'untried';
  /** One line for each thing that was tried. */
  readonly evidence: readonly string[];
}

/** The last probe of a bearer, as the planner remembers it. */
export interface Probed {
  /** Which bearer: another address is another bearer. */
  readonly bearer: string;
  readonly atMs: number;
  readonly ok: boolean;
  /** Octets received by then, where the interface counts them. */
  readonly rxBytes: number | null;
}

/** More than a router's own chatter (ARP, advertisements) between two probes. */
const trafficBytes = 4_096;

/** Whether anything came back over the bearer, by the probe itself or for somebody else meanwhile. */
export function hasPassed({ dns, tcp, ping }: ProbeReport, before: Probed | null, rxBytes: number | null): boolean {
  if (tcp === 'connected' || tcp === 'refused' || dns === 'answered' || ping === 'answered') return true;
  const received = before?.rxBytes !== undefined && before.rxBytes !== null && rxBytes !== null ? rxBytes - before.rxBytes : 0;
  return received > trafficBytes;
}

/** A bearer over which nothing comes back. */
export const noTraffic: TroubleCode = 'bearer.no-traffic';
