import type { Rat } from '@towline/modem';
import { withEntry } from './modem-state.ts';
import { cellOf } from './radio.ts';
import type { World } from './world.ts';

type Settings = ReadonlyMap<string, string>;

/** A stored setting that keeps a modem to some technologies. */
export interface RatSetting {
  readonly key: string;
  readonly factory: string;
  /** What is left at a code; a code that is not here leaves everything. */
  readonly leaves: ReadonlyMap<string, readonly Rat[]>;
}

/** A stored setting that keeps a modem to some bands of one technology. */
export interface BandSetting {
  /** In the words of the modem: a place among masks, or a name. */
  readonly name: string;
  /** Null: a technology whose bands mean nothing to the simulation. */
  readonly rat: Rat | null;
  /** What the modem has, and leaves the factory with. */
  readonly bands: readonly number[];
}

/** What keeps a kind of modem from cells. */
export interface RadioLimits {
  readonly rats: readonly RatSetting[];
  readonly bands: readonly BandSetting[];
}

const bandKey = (name: string) => `band.${name}`;

/** The bands in force. */
export function bandsOf(settings: Settings, { name, bands }: BandSetting): readonly number[] {
  const stored = settings.get(bandKey(name));
  return stored === undefined ? bands : stored.split(':').filter(Boolean).map(Number);
}

/** With these bands of it in force, as far as the modem has them. */
export function withBands(settings: Settings, { name, bands }: BandSetting, wanted: readonly number[]): Settings {
  return withEntry(settings, bandKey(name), bands.filter((band) => wanted.includes(band)).join(':'));
}

/** Whether its settings let this modem onto the operator's cell of this technology. */
export function mayUse({ character: { limits }, seed }: World, settings: Settings, rat: Rat): boolean {
  const isLeft = ({ key, factory, leaves }: RatSetting) => leaves.get(settings.get(key) ?? factory)?.includes(rat) ?? true;
  const { band } = cellOf(seed, rat);
  const hasBand = (setting: BandSetting) => setting.rat !== rat || bandsOf(settings, setting).includes(band);
  return limits.rats.every(isLeft) && limits.bands.every(hasBand);
}

const masked = (mask: string) => {
  const bits = BigInt(`0x${mask}`).toString(2).split('').reverse();
  return bits.flatMap((bit, index) => (bit === '1' ? [index + 1] : []));
};

/** Band n is bit n - 1; null for what is no hexadecimal number. */
export function bandsOfMask(mask: string): readonly number[] | null {
  const digits = /^(?:0x)?([0-9a-f]{1,32})$/i.exec(mask)?.[1];
  return digits === undefined ? null : masked(digits);
}

/** Hexadecimal, lower case. */
export function maskOf(bands: readonly number[]): string {
  return bands.reduce((mask, band) => mask | (1n << BigInt(band - 1)), 0n).toString(16);
}
