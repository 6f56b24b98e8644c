import { type AtCommand, atCommand, atSet } from '../at/at-command.ts';
import { radioAccessParsers } from '../at/replies/radio-access-replies.ts';
import type { Reading } from '../failure.ts';
import type { RadioAccess, RadioAccessDialect } from '../models/radio-access.schema.ts';
import { failed, type ModemLink } from './modem-link.ts';
import { untilShown } from './until-shown.ts';

interface Setting {
  readonly name: string;
  readonly code: string;
}

const questions: Readonly<Record<RadioAccessDialect, (name: string) => AtCommand | Reading<AtCommand>>> = {
  qcfg: (name) => atSet('+QCFG', { kind: 'keyword', value: name }),
  qnwprefcfg: (name) => atSet('+QNWPREFCFG', { kind: 'keyword', value: name }),
  selrat: () => atCommand('AT!SELRAT?'),
  cnmp: () => atCommand('AT+CNMP?'),
};

const writers: Readonly<Record<RadioAccessDialect, (setting: Setting) => Reading<AtCommand>>> = {
  // The last argument: with effect at once, not from the next start on.
  qcfg: ({ name, code }) =>
    atSet('+QCFG', { kind: 'keyword', value: name }, { kind: 'code', value: code }, { kind: 'number', value: 1, min: 1, max: 1 }),
  qnwprefcfg: ({ name, code }) => atSet('+QNWPREFCFG', { kind: 'keyword', value: name }, { kind: 'code', value: code }),
  selrat: ({ code }) => atSet('!SELRAT', { kind: 'code', value: code }),
  cnmp: ({ code }) => atSet('+CNMP', { kind: 'code', value: code }),
};

/** What the modem is kept to; null: its model has no such setting, or it stands at none of those that the model lists. */
export async function readRadioAccess(link: ModemLink): Promise<Reading<RadioAccess | null>> {
  const { radioAccess } = link.model;
  if (!radioAccess) return { ok: true, value: null };
  const { dialect, modes } = radioAccess;
  const codes = new Map<string, string>();
  for (const name of new Set(modes.flatMap(({ settings }) => settings.map((setting) => setting.name)))) {
    const code = await link.read({ command: questions[dialect](name), parse: (lines) => radioAccessParsers[dialect](lines, name) });
    if (!code.ok) return code;
    codes.set(name, code.value.toUpperCase());
  }
  const found = modes.find(({ settings }) => settings.every(({ name, code }) => codes.get(name) === code.toUpperCase()));
  return { ok: true, value: found?.access ?? null };
}

/**
 * Reads, compares, and writes only what differs; then reads until the modem shows it. It leaves the network it is on and searches anew.
 * `value.refused` for what the model cannot be kept to, `at.rejected` where the modem took it and shows another.
 */
export async function writeRadioAccess(link: ModemLink, access: RadioAccess): Promise<Reading<{ readonly written: boolean }>> {
  const { radioAccess, id } = link.model;
  const mode = radioAccess?.modes.find((one) => one.access === access);
  if (!radioAccess || !mode) return failed({ code: 'value.refused', evidence: [`${id} cannot be kept to ${access}`] });
  const now = await readRadioAccess(link);
  if (!now.ok) return now;
  if (now.value === access) return { ok: true, value: { written: false } };
  if (radioAccess.dialect === 'selrat') {
    const unlocked = await link.ask(atCommand('AT!ENTERCND="A710"'));
    if (!unlocked.ok) return unlocked;
  }
  for (const setting of mode.settings) {
    const written = await link.ask(writers[radioAccess.dialect](setting));
    if (!written.ok) return written;
  }
  return untilShown(link, { read: () => readRadioAccess(link), isSo: (now) => now === access, what: access });
}
