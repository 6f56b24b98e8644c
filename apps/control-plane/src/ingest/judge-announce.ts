import { type Announce, isLaterVersion, type TargetVersion } from '@towline/protocol';
import { bearerDifferences } from '../targets/drift.ts';
import type { SealedTarget } from '../targets/sealed-target.ts';

/** The target of the device that announces, as it is now. */
export interface AnnouncedTarget extends TargetVersion {
  readonly digest: string;
  /** Null when its row cannot be read. */
  readonly rules: SealedTarget['rules'] | null;
  /** The change that was announced last, and whether it was said yes to. */
  readonly change: string | null;
  readonly confirmed: boolean;
}

export type AnnounceRefusalCode =
  /** It has no target. */
  | 'announce.no-target'
  /** Replaced meanwhile: the device gets the one that holds. */
  | 'announce.superseded'
  /** Later than any that this database gave. */
  | 'announce.unknown-version'
  | 'announce.other-document'
  | 'announce.unreadable-target'
  /** No rule of the target leads to the profile that it says it applied. */
  | 'announce.unknown-profile'
  /** The bearer that it read back is not what that profile asks for. */
  | 'announce.bearer-differs';

export interface AnnounceRefusal {
  readonly code: AnnounceRefusalCode;
  readonly evidence: readonly string[];
}

const refuse = (code: AnnounceRefusalCode, evidence: readonly string[] = []): AnnounceRefusal => ({ code, evidence });

function refusalOfBearer(rules: SealedTarget['rules'], { profileRef, bearer }: Announce): AnnounceRefusal | null {
  const rule = rules.find((one) => one.profileRef === profileRef);
  if (!rule) return refuse('announce.unknown-profile', [profileRef]);
  const differences = bearerDifferences(rule.profile, bearer);
  const lines = differences.map(({ field, wanted, reported }) => `${field}: wanted ${wanted}, read back ${reported ?? 'nothing'}`);
  return lines.length === 0 ? null : refuse('announce.bearer-differs', lines);
}

/**
 * Whether a change may stay: what was announced is the target as it is now, and the bearer fits it. What was said yes to once stays said,
 * whatever its bearer looks like when it asks again because the answer was lost.
 */
export function refusalOfAnnounce(target: AnnouncedTarget | null, announce: Announce): AnnounceRefusal | null {
  if (!target) return refuse('announce.no-target');
  const { version, digest, transaction } = announce;
  if (isLaterVersion(target, version)) return refuse('announce.superseded');
  if (isLaterVersion(version, target)) return refuse('announce.unknown-version');
  if (digest !== target.digest) return refuse('announce.other-document');
  if (target.confirmed && target.change === transaction) return null;
  return target.rules ? refusalOfBearer(target.rules, announce) : refuse('announce.unreadable-target');
}
