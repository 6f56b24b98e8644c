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
  /** Nothing answered the probe itself, but others heard something over the bearer. */
  readonly witnessed: boolean;
  /** Octets received by then, where the interface counts them. */
  readonly rxBytes: number | null;
}

/** What others heard over the bearer. */
export interface Witness {
  /** Octets received, where the interface counts them. */
  readonly rxBytes: number | null;
  /** When the session with the control plane heard something last, if it leaves by this bearer; monotonic milliseconds. */
  readonly sessionHeardMs: number | null;
}

/** More than a router's own chatter (ARP, advertisements) between two probes. */
const trafficBytes = 4_096;
/** A witness that did not see the bearer's end is not believed for long. */
const recheckMs = 60_000;

/**
 * Whether anything came back over the bearer: by the probe itself, or, over one that worked before, for somebody else meanwhile. An endpoint
 * that is down and resolvers that are silent must not end a link that carries.
 */
export function judgeProbe({ dns, tcp, ping }: ProbeReport, before: Probed | null, witness: Witness): 'answered' | 'witnessed' | 'silent' {
  if (tcp === 'connected' || tcp === 'refused' || dns === 'answered' || ping === 'answered') return 'answered';
  if (!before?.ok) return 'silent';
  const received = before.rxBytes !== null && witness.rxBytes !== null ? witness.rxBytes - before.rxBytes : 0;
  const heard = witness.sessionHeardMs !== null && witness.sessionHeardMs > before.atMs;
  return heard || received > trafficBytes ? 'witnessed' : 'silent';
}

/** When a bearer that passed is probed again. */
export function nextProbeMs({ atMs, witnessed }: Probed, everyMs: number): number {
  return atMs + (witnessed ? Math.min(recheckMs, everyMs) : everyMs);
}

/** A bearer over which nothing comes back. */
export const noTraffic: TroubleCode = 'bearer.no-traffic';
