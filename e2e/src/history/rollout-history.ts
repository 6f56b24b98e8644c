/** One change of what a device dials with. Times are Unix milliseconds by the clock that all devices of a history share. */
export interface DeviceChange {
  readonly device: string;
  /** `<epoch>.<number>` of the target. */
  readonly target: string;
  /** `<id>@<version>` of the policy that the target came of. */
  readonly policy: string;
  readonly fromMs: number;
  /** When it had said that it was done; null: it never was. */
  untilMs: number | null;
}

/** One act of the operator on the rollout, from the call to its answer. */
export interface OperatorCall {
  readonly act: 'start' | 'pause' | 'resume';
  /** Told with the act, and in the audit log with it: no two calls have the same. */
  readonly reason: string;
  readonly calledMs: number;
  readonly answeredMs: number;
  /** `unknown`: no answer came, so it may have been done or not, and may yet be. */
  readonly outcome: 'ok' | 'refused' | 'unknown';
  /** Of a pause that was answered ok: devices that, after it, the API showed as still to be opened. */
  readonly stillToOpen: readonly string[];
}

/** A device of the rollout as the API shows it in the end. */
export interface RolloutMember {
  readonly device: string;
  readonly wave: number;
  readonly state: string;
  readonly site: string | null;
}

export interface AuditLine {
  readonly action: string;
  readonly atMs: number;
  readonly reason: string | null;
  /** Of a wave that begins. */
  readonly wave: number | null;
}

/** All that is known of one rollout once it has finished and its devices have come to rest. */
export interface RolloutHistory {
  readonly policy: string;
  readonly waves: number;
  readonly caps: { readonly inFlight: number; readonly perSite: number };
  readonly changes: readonly DeviceChange[];
  readonly calls: readonly OperatorCall[];
  readonly members: readonly RolloutMember[];
  /** As the rollout itself counts its devices. */
  readonly counts: Readonly<Record<string, number>>;
  /** Oldest first. */
  readonly audit: readonly AuditLine[];
}
