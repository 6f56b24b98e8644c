import { type AtCommand, atCommand, atSet } from '../at/at-command.ts';
import { bandsParsers, maskOfBands } from '../at/replies/band-replies.ts';
import type { Reading } from '../failure.ts';
import type { Bands, BandsDialect, ModelBands } from '../models/bands.schema.ts';
import { failed, type ModemLink } from './modem-link.ts';
import { untilShown } from './until-shown.ts';

/** Bands by what the dialect calls the setting: all that the modem uses, whether or not its model lists them. */
type Settings = ReadonlyMap<string, readonly number[]>;
type Technology = ModelBands['technologies'][number];

const questions: Readonly<Record<BandsDialect, (setting: string) => AtCommand | Reading<AtCommand>>> = {
  qcfg: () => atSet('+QCFG', { kind: 'keyword', value: 'band' }),
  'qcfg-plain': () => atSet('+QCFG', { kind: 'keyword', value: 'band' }),
  qnwprefcfg: (setting) => atSet('+QNWPREFCFG', { kind: 'keyword', value: setting }),
  band: () => atCommand('AT!BAND?'),
};

/** A set of its own, as the first twelve are the maker's (AirPrime AT command reference, `AT!BAND`). */
const ownSet = '10';
const mask = (bands: readonly number[] = []) => ({ kind: 'code', value: maskOfBands(bands) }) as const;

/** `AT+QCFG="band",0,<mask>,0`: what is not changed is nought, which leaves it alone. */
function masks(before: Settings, changed: Settings) {
  return [{ kind: 'keyword', value: 'band' } as const, ...[...before.keys()].map((setting) => mask(changed.get(setting)))];
}

type Write = (before: Settings, changed: Settings) => readonly (AtCommand | Reading<AtCommand>)[];

const writers: Readonly<Record<BandsDialect, Write>> = {
  // The last argument: with effect at once, not from the next start on.
  qcfg: (before, changed) => [atSet('+QCFG', ...masks(before, changed), { kind: 'number', value: 1, min: 1, max: 1 })],
  'qcfg-plain': (before, changed) => [atSet('+QCFG', ...masks(before, changed))],
  qnwprefcfg: (_before, changed) =>
    [...changed].map(([setting, values]) => atSet('+QNWPREFCFG', { kind: 'keyword', value: setting }, { kind: 'numbers', values })),
  // Here a mask of nought would switch its technology off, so each is written as it is to be.
  band: (before, changed) => [
    atCommand('AT!ENTERCND="A710"'),
    atSet(
      '!BAND',
      { kind: 'code', value: ownSet },
      { kind: 'keyword', value: 'towline' },
      ...[...before].map(([setting, bands]) => mask(changed.get(setting) ?? bands)),
    ),
    atSet('!BAND', { kind: 'code', value: ownSet }),
  ],
};

async function readSettings(link: ModemLink, { dialect, technologies }: ModelBands): Promise<Reading<Settings>> {
  const settings = new Map<string, readonly number[]>();
  for (const { setting } of technologies) {
    if (settings.has(setting)) continue;
    const found = await link.read({ command: questions[dialect](setting), parse: (lines) => bandsParsers[dialect](lines, setting) });
    if (!found.ok) return found;
    for (const [name, bands] of found.value) settings.set(name, bands);
  }
  return { ok: true, value: settings };
}

/** Null where a technology is without any band that the model lists: nobody could bring that back. */
function listedBands({ technologies }: ModelBands, settings: Settings): Bands | null {
  const found = technologies.map(({ technology, setting, supported }) => {
    const used = settings.get(setting) ?? [];
    return [technology, supported.filter((band) => used.includes(band))] as const;
  });
  return found.some(([, bands]) => bands.length === 0) ? null : Object.fromEntries(found);
}

/** The bands that the modem may use, as far as its model lists them; null: its model has no such setting, or it uses none of them. */
export async function readBands(link: ModemLink): Promise<Reading<Bands | null>> {
  const { bands } = link.model;
  if (!bands) return { ok: true, value: null };
  const settings = await readSettings(link, bands);
  return settings.ok ? { ok: true, value: listedBands(bands, settings.value) } : settings;
}

/** What has to be written: bands that the model does not list stay as they are. */
function changesOf(technologies: readonly Technology[], before: Settings, wanted: Bands): Settings {
  const changes = technologies.flatMap(({ technology, setting, supported }) => {
    const bands = wanted[technology];
    const used = before.get(setting) ?? [];
    if (!bands || supported.every((band) => bands.includes(band) === used.includes(band))) return [];
    return [[setting, [...bands, ...used.filter((band) => !supported.includes(band))].toSorted((left, right) => left - right)] as const];
  });
  return new Map(changes);
}

/** Bands of technologies that the model has no setting for, or that it does not list; empty: none. */
export function unsupportedBands(bands: ModelBands | undefined, wanted: Bands): readonly string[] {
  return Object.entries(wanted).flatMap(([name, numbers = []]) => {
    const supported = bands?.technologies.find(({ technology }) => technology === name)?.supported ?? [];
    return numbers.filter((band) => !supported.includes(band)).map((band) => `${name} ${band}`);
  });
}

/**
 * Reads, compares, and writes only what differs; then reads until the modem shows it. It leaves the network it is on and searches anew.
 * `value.refused` for bands that the model does not list, `at.rejected` where the modem took them and shows others.
 */
export async function writeBands(link: ModemLink, wanted: Bands): Promise<Reading<{ readonly written: boolean }>> {
  const { bands, id } = link.model;
  const unsupported = unsupportedBands(bands, wanted);
  if (!bands || unsupported.length > 0)
    return failed({ code: 'value.refused', evidence: [`${id} cannot be kept to ${unsupported.join(', ')}`] });
  const before = await readSettings(link, bands);
  if (!before.ok) return before;
  const changed = changesOf(bands.technologies, before.value, wanted);
  if (changed.size === 0) return { ok: true, value: { written: false } };
  for (const command of writers[bands.dialect](before.value, changed)) {
    const written = await link.ask(command);
    if (!written.ok) return written;
  }
  const isSo = (now: Settings) => changesOf(bands.technologies, now, wanted).size === 0;
  return untilShown(link, { read: () => readSettings(link, bands), isSo, what: 'bands' });
}
