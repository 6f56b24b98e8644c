import { canonicalJson, type DeviceAddress, isLaterVersion, type TargetStatus, type TargetVersion } from '@towline/protocol';
import { deviceKey } from './batch-draft.ts';

/** What a device says of its target. */
export interface TargetHeld {
  readonly address: DeviceAddress;
  readonly held: TargetVersion | null;
  /** Of the document that it holds, where it says so: another one under the same number is not the target. */
  readonly digest?: string;
  /** Null in a hello, and while the device has none. */
  readonly status: TargetStatus | null;
}

/** How a target stands from now on, by its device's word; without a status the device only says that it holds it. */
export interface Standing {
  readonly address: DeviceAddress;
  readonly status: string | null;
  /** JSON. */
  readonly detail: string | null;
}

export interface TargetNews {
  /** Devices that hold less than their target: it must be sent (again). */
  readonly lacking: readonly DeviceAddress[];
  /** Targets that stand another way than before. */
  readonly changed: readonly Standing[];
}

interface TargetStanding extends TargetVersion {
  readonly digest: string;
  readonly held: boolean;
  readonly status: string | null;
  readonly detail: unknown;
}

type NextStanding = Omit<Standing, 'address'>;

/** No version that we gave out comes near it: whoever says more would have us count beyond what a column holds. */
const mostBelieved = 1_000_000_000;

/** What the device holds and this database never gave it: a later one, or another document under the same number. */
function overtaking(target: TargetStanding, { held, status }: TargetHeld): TargetVersion | null {
  if (!held || held.epoch > mostBelieved || held.number > mostBelieved) return null;
  const isOther = status !== null && isSameVersion(status.version, target) && status.digest !== target.digest;
  return isLaterVersion(held, target) || (isOther && isSameVersion(held, target)) ? { epoch: held.epoch, number: held.number } : null;
}

/** Why the target is not applied, and the change under way or waiting for its next try; null when the device says none of it. */
function detailOf({ fault = null, change = null, pause }: TargetStatus): object | null {
  return fault || change || pause ? { fault, change, ...(pause ? { pause } : {}) } : null;
}

const isSameVersion = (left: TargetVersion, right: TargetVersion): boolean => left.epoch === right.epoch && left.number === right.number;

function standsApart({ status, detail }: TargetStanding, overtakenBy: TargetVersion): NextStanding | null {
  const isKnown = status === 'overtaken' && canonicalJson(detail) === canonicalJson({ overtakenBy });
  return isKnown ? null : { status: 'overtaken', detail: JSON.stringify({ overtakenBy }) };
}

/** What a device's word changes in its target; null when nothing. A status of another version or document is none of it. */
function standingAfter(target: TargetStanding, word: TargetHeld): NextStanding | null {
  const { held, digest, status } = word;
  const overtakenBy = overtaking(target, word);
  if (overtakenBy) return standsApart(target, overtakenBy);
  if (!held || !isSameVersion(held, target)) return null;
  if (digest !== undefined && digest !== target.digest) return null;
  const ofThis = status !== null && isSameVersion(status.version, target) && status.digest === target.digest;
  if (!ofThis) return target.held ? null : { status: null, detail: null };
  const detail = detailOf(status);
  const changes = !target.held || status.status !== target.status || canonicalJson(detail) !== canonicalJson(target.detail);
  return changes ? { status: status.status, detail: detail && JSON.stringify(detail) } : null;
}

/** What words of devices make of their targets. @param targets by device @param words at most one a device */
export function judgeWords(targets: ReadonlyMap<string, TargetStanding>, words: readonly TargetHeld[]): TargetNews {
  const pairs = words.flatMap((word) => {
    const target = targets.get(deviceKey(word.address));
    return target ? [{ target, word }] : [];
  });
  const lacking = pairs.filter(({ target, word }) => isLaterVersion(target, word.held)).map(({ word }) => word.address);
  const changed = pairs.flatMap(({ target, word }) => {
    const after = standingAfter(target, word);
    return after ? [{ address: word.address, ...after }] : [];
  });
  return { lacking, changed };
}
