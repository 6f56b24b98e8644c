import type { AtArgument } from '../at/at-argument.ts';
import { type AtCommand, atCommand, atSet } from '../at/at-command.ts';
import { dataModeParsers, parseGenericUsbcompType } from '../at/replies/data-mode-replies.ts';
import { type ListedDialect, offeredModeParsers } from '../at/replies/offered-modes-replies.ts';
import type { DataMode } from '../driver.ts';
import type { Reading } from '../failure.ts';
import type { DataModeDialect } from '../models/dialects.schema.ts';
import { failed, isRefusal, type ModemLink } from './modem-link.ts';

const questions: Readonly<Record<Exclude<DataModeDialect, 'fixed'>, AtCommand | Reading<AtCommand>>> = {
  'qcfg-usbnet': atSet('+QCFG', { kind: 'keyword', value: 'usbnet' }),
  usbcomp: atCommand('AT!USBCOMP?'),
  cusbcfg: atCommand('AT+CUSBCFG?'),
  usbcfg: atCommand('AT#USBCFG?'),
  setport: atCommand('AT^SETPORT?'),
};

/** The data mode that the modem is set to. A code that the model does not list is `at.unparsable`, never a guess. */
export async function readDataMode(link: ModemLink): Promise<Reading<DataMode>> {
  const { dialect, modes } = link.model.dataModes;
  if (dialect === 'fixed') {
    return { ok: true, value: modes[0]?.mode ?? 'ppp' };
  }
  const code = await link.read({ command: questions[dialect], parse: dataModeParsers[dialect] });
  if (!code.ok) return code;
  const known = modes.find((entry) => entry.code?.toLowerCase() === code.value.toLowerCase());
  if (known) return { ok: true, value: known.mode };
  return failed({ code: 'at.unparsable', evidence: [`data mode ${code.value} is not one of this model's`] });
}

const listings: Readonly<Record<ListedDialect, AtCommand>> = {
  'qcfg-usbnet': atCommand('AT+QCFG=?'),
  usbcomp: atCommand('AT!USBCOMP=?'),
  usbcfg: atCommand('AT#USBCFG=?'),
};

const isListed = (dialect: DataModeDialect): dialect is ListedDialect => dialect in listings;

/**
 * The data modes that this firmware can be switched to, by its own list. Null: it does not say, be it that the model is not known to
 * list them or that this firmware refuses the question; then only the write can tell.
 */
export async function readOfferedModes(link: ModemLink): Promise<Reading<readonly DataMode[] | null>> {
  const { dialect, modes, listed } = link.model.dataModes;
  if (!listed || !isListed(dialect)) return { ok: true, value: null };
  const reply = await link.ask(listings[dialect]);
  if (!reply.ok) return isRefusal(reply.failure) ? { ok: true, value: null } : reply;
  const offers = offeredModeParsers[dialect](reply.value);
  return { ok: true, value: offers && modes.flatMap(({ mode, code }) => (code !== null && offers(code) ? [mode] : [])) };
}

type Writer = (link: ModemLink, code: string) => Promise<Reading<readonly string[]>>;

function code(value: string): AtArgument {
  return { kind: 'code', value };
}

/** The modem's own list decides on the type: a wrong one takes the AT port away. */
async function writeUsbcomp(link: ModemLink, mask: string): Promise<Reading<readonly string[]>> {
  const unlocked = await link.ask(atCommand('AT!ENTERCND="A710"'));
  if (!unlocked.ok) return unlocked;
  const list = await link.read({ command: atCommand('AT!USBCOMP=?'), parse: parseGenericUsbcompType });
  if (!list.ok) return list;
  const type: AtArgument = { kind: 'number', value: list.value, min: 0, max: 9 };
  return link.ask(atSet('!USBCOMP', { kind: 'number', value: 1, min: 1, max: 1 }, type, code(mask)));
}

const writers: Readonly<Record<Exclude<DataModeDialect, 'fixed' | 'setport'>, Writer>> = {
  'qcfg-usbnet': (link, value) => link.ask(atSet('+QCFG', { kind: 'keyword', value: 'usbnet' }, code(value))),
  usbcomp: writeUsbcomp,
  cusbcfg: (link, value) => link.ask(atSet('+CUSBCFG', code('usbid'), code('1e0e'), code(value))),
  usbcfg: (link, value) => link.ask(atSet('#USBCFG', code(value))),
};

/**
 * Reads, compares, and writes only what differs: this memory is flash, and a needless write ends in a needless reboot. A mode that the
 * firmware's list does not have is `mode.not-offered`, before anything is written.
 */
export async function writeDataMode(link: ModemLink, mode: DataMode): Promise<Reading<{ readonly written: boolean }>> {
  const { dialect, modes } = link.model.dataModes;
  const now = await readDataMode(link);
  if (!now.ok) return now;
  if (now.value === mode) return { ok: true, value: { written: false } };
  const wanted = modes.find((entry) => entry.mode === mode)?.code;
  // Huawei's port list is left alone: a wrong one removes the only AT port.
  if (!wanted || dialect === 'fixed' || dialect === 'setport') {
    return failed({ code: 'value.refused', evidence: [`${link.model.id} cannot be switched to ${mode}`] });
  }
  const offered = await readOfferedModes(link);
  if (!offered.ok) return offered;
  if (offered.value && !offered.value.includes(mode)) {
    return failed({
      code: 'mode.not-offered',
      evidence: [`this firmware offers ${offered.value.join(', ') || 'no data mode'}, not ${mode}`],
    });
  }
  const reply = await writers[dialect](link, wanted);
  return reply.ok ? { ok: true, value: { written: true } } : reply;
}
