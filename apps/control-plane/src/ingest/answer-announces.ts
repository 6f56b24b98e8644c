import type { Announce, DeviceAddress } from '@towline/protocol';
import { deviceKey } from './batch-draft.ts';
import { type AnnouncedTarget, type AnnounceRefusal, type AnnounceRefusalCode, refusalOfAnnounce } from './judge-announce.ts';

/** A device's question whether its change may stay. */
export interface AddressedAnnounce {
  readonly address: DeviceAddress;
  readonly announce: Announce;
}

/** What became of a device's question. */
export interface AnnounceAnswer extends AddressedAnnounce {
  /** Null: it was said yes to. */
  readonly refusal: AnnounceRefusal | null;
  /** The target shows something that it did not show before. */
  readonly isNews: boolean;
}

/** Refusals of a change to this very target: it shows that it is waited for. */
const ofThisTarget: readonly AnnounceRefusalCode[] = ['announce.bearer-differs', 'announce.unknown-profile', 'announce.unreadable-target'];

function answer(target: AnnouncedTarget | null, question: AddressedAnnounce): AnnounceAnswer {
  const refusal = refusalOfAnnounce(target, question.announce);
  const isShown = refusal === null || (target?.confirmed === false && ofThisTarget.includes(refusal.code));
  const isSame = target?.change === question.announce.transaction && target.confirmed === (refusal === null);
  return { ...question, refusal, isNews: isShown && !isSame };
}

/**
 * Says yes where what was announced is the device's target as it is now and the bearer fits it; the decision is `refusalOfAnnounce`. Asked
 * twice, the answer is the same one, to the later nonce.
 * @param targets of the devices that announce, by device
 */
export function answerAnnounces(
  targets: ReadonlyMap<string, AnnouncedTarget>,
  announces: readonly AddressedAnnounce[],
): readonly AnnounceAnswer[] {
  // The last of a device speaks for it: it has one change at a time.
  const latest = new Map(announces.map((one) => [deviceKey(one.address), one]));
  return [...latest].map(([key, question]) => answer(targets.get(key) ?? null, question));
}
