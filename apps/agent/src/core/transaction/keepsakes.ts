import { isLaterVersion, type TargetVersion } from '@towline/protocol';
import type { Configuration, Refusal } from './transaction.ts';

/** One SIM in one modem: each has a known good of its own. */
export interface Place {
  readonly modem: string;
  readonly iccid: string;
}

/** What a SIM in a modem is known to work with. */
export interface KnownGood extends Place {
  readonly configuration: Configuration;
  /** `assumed`: found on a gateway that already ran; nobody has confirmed it yet. */
  readonly standing: 'confirmed' | 'assumed';
  /** What was known good before, newest first. */
  readonly earlier: readonly Configuration[];
}

/** A target that was tried and given up: it is not tried again, only a newer one is. */
export interface GivenUp extends Place {
  readonly key: string;
  readonly version: TargetVersion;
  readonly refusal: Refusal;
  /** The control plane was out of reach over the known good too: that says nothing of the change, so it is tried again. */
  readonly inconclusive: boolean;
  /** How often it was tried. */
  readonly tries: number;
}

/** What outlives every change. */
export interface Keepsakes {
  /** Whether this device's control plane answers announces; null before it has ever said. */
  readonly confirms: boolean | null;
  readonly knownGoods: readonly KnownGood[];
  readonly givenUp: readonly GivenUp[];
}

export const noKeepsakes: Keepsakes = { confirms: null, knownGoods: [], givenUp: [] };

const maxEarlier = 3;
/** Of SIMs that were ever in this gateway; the one that was kept longest ago goes first. */
const maxPlaces = 16;

const isAt =
  ({ modem, iccid }: Place) =>
  (other: Place) =>
    other.modem === modem && other.iccid === iccid;

const elsewhere =
  (place: Place) =>
  (other: Place): boolean =>
    !isAt(place)(other);

export function knownGoodAt({ knownGoods }: Keepsakes, place: Place): KnownGood | null {
  return knownGoods.find(isAt(place)) ?? null;
}

/** How often a change without a verdict is begun: a bearer that reaches everything but the control plane is no passing thing. */
const maxTries = 3;

/** How often a change that was given up is begun once more at most, when the control plane is met and its pause is over. */
export const triesLeft = ({ inconclusive, tries }: GivenUp): number => (inconclusive ? Math.max(0, maxTries - tries) : 0);

/** Whether it is tried again at all. */
export const mayTryAgain = (given: GivenUp): boolean => triesLeft(given) > 0;

/** Why this configuration is not tried for this target; null when nothing speaks against it. */
export function givenUpAt({ givenUp }: Keepsakes, place: Place, wanted: { key: string; version: TargetVersion }): GivenUp | null {
  const { key, version } = wanted;
  return givenUp.find((one) => isAt(place)(one) && one.key === key && !isLaterVersion(version, one.version)) ?? null;
}

/** Replaces what was known good, and remembers that as an earlier one. Nothing is ever emptied. */
export function keep(keepsakes: Keepsakes, place: Place, next: Pick<KnownGood, 'configuration' | 'standing'>): Keepsakes {
  const before = knownGoodAt(keepsakes, place);
  const confirmed = before?.standing === 'confirmed' ? [before.configuration] : [];
  const earlier = [...confirmed, ...(before?.earlier ?? [])].filter(({ key }) => key !== next.configuration.key).slice(0, maxEarlier);
  const { modem, iccid } = place;
  const knownGoods = [...keepsakes.knownGoods.filter(elsewhere(place)), { modem, iccid, ...next, earlier }].slice(-maxPlaces);
  return { ...keepsakes, knownGoods, givenUp: keepsakes.givenUp.filter(elsewhere(place)) };
}

export function giveUp(keepsakes: Keepsakes, given: Omit<GivenUp, 'tries'>): Keepsakes {
  const tries = (givenUpAt(keepsakes, given, given)?.tries ?? 0) + 1;
  return { ...keepsakes, givenUp: [...keepsakes.givenUp.filter(elsewhere(given)), { ...given, tries }].slice(-maxPlaces) };
}
