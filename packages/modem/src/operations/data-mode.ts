import type { AtArgument } from '../at/at-argument.ts';
import { type AtCommand, atCommand, atSet } from '../at/at-command.ts';
import { dataModeParsers, parseGenericUsbcompType } from '../at/replies/data-mode-replies.ts';
import type { DataMode } from '../driver.ts';
import type { Reading } from '../failure.ts';
import type { DataModeDialect } from '../models/dialects.schema.ts';
import { failed, type ModemLink } from './modem-link.ts';

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

/** Reads, compares, and writes only what differs: this memory is flash, and a needless write ends in a needless reboot. */
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
  const reply = await writers[dialect](link, wanted);
  return reply.ok ? { ok: true, value: { written: true } } : reply;
}
