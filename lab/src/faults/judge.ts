import type { ShownTargetStatus } from '@towline/protocol/http';
import type { Setting } from '../gateway/setting.ts';
import { isSame } from './setting.ts';

/** How a gateway stands, by those who have to know. Nothing that the agent says of its own change is asked. */
export interface LabFinding {
  /** What the operator's core has up for its modem; null: no bearer. */
  readonly standing: Setting | null;
  /** A session at the broker comes by that bearer. */
  readonly isSeen: boolean;
  readonly record: LabRecord;
}

/** What the control plane's record says. */
export interface LabRecord {
  /** When it last heard of the gateway, in Unix milliseconds; null: it is offline. */
  readonly heardMs: number | null;
  readonly status: ShownTargetStatus | null;
  /** It has said yes to the target. */
  readonly isConfirmed: boolean;
  readonly on: Setting | null;
}

export interface Ordered {
  readonly before: Setting;
  readonly wanted: Setting;
  /** When the last fault was over, in Unix milliseconds: what was heard before says nothing. */
  readonly sinceMs: number;
}

/**
 * Whether the change is over, and well: the gateway is reachable on what was confirmed or on what it may go back to, and the record says so too.
 * Null while it is not.
 */
export function judge({ standing, isSeen, record }: LabFinding, { before, wanted, sinceMs }: Ordered): 'changed' | 'gone-back' | null {
  const { heardMs, status, isConfirmed, on } = record;
  const isHeard = heardMs !== null && heardMs > sinceMs;
  if (!standing || !on || !isSeen || !isHeard || !isSame(on, standing)) return null;
  if (isSame(standing, wanted)) return status === 'applied' && isConfirmed ? 'changed' : null;
  return isSame(standing, before) && (status === 'reverted' || status === 'failed') ? 'gone-back' : null;
}
